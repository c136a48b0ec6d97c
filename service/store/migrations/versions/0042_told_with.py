"""Which alerts tell of a trade that another filing has told of, and which were told together in one message."""

import sqlalchemy as sa
from alembic import op

from service.store.ids import Id

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("trade", sa.Text))
    op.add_column("deliveries", sa.Column("told_with", Id))
    told = sa.text("trade IS NOT NULL")
    op.create_index("messages_by_trade", "messages", ["trade", "rule_id"], sqlite_where=told, postgresql_where=told)
