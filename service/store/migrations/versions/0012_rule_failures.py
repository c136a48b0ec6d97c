"""Rules that failed on a filing, and why a change was made."""

import sqlalchemy as sa
from alembic import op

from service.store.schema import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("changes", sa.Column("reason", sa.Text))
    op.create_table(
        "rule_failures",
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("accession", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("standing", sa.Boolean, nullable=False),
    )
    op.create_index("rule_failures_by_filing", "rule_failures", ["accession"])
    op.create_index("rule_failures_by_standing", "rule_failures", ["standing", "rule"])
