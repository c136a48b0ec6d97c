"""A rule's maximum an hour: when its last alerts went by themselves, and whose maximum holds what."""

import sqlalchemy as sa
from alembic import op

from service.store.ids import Id

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_rates",
        sa.Column("rule", Id, primary_key=True),
        sa.Column("recent", sa.JSON, nullable=False),
    )
    op.add_column("deliveries", sa.Column("beyond", sa.Text))
