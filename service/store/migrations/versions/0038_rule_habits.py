"""What is usual for a rule, so that it can tell when it is not."""

import sqlalchemy as sa
from alembic import op

from service.store.ids import Id
from service.store.schema import Instant

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_habits",
        sa.Column("rule", Id, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("looked", Instant, nullable=False),
        sa.Column("usual", sa.Integer),
        sa.Column("silent", Instant),
        sa.Column("unsure", Instant),
        sa.Column("before", sa.SmallInteger),
        sa.Column("lately", sa.SmallInteger),
        sa.Column("claim", sa.Text),
    )
    told = sa.text("silent IS NOT NULL OR unsure IS NOT NULL")
    op.create_index("rule_habits_told", "rule_habits", ["rule"], sqlite_where=told, postgresql_where=told)
