"""Messages that go before others, and at any hour."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("urgent", sa.Boolean, nullable=False, server_default=sa.false()))
