"""The last event that a group has handled in a partition: Kafka may show one again at a later offset."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("positions", sa.Column("handled", sa.BigInteger))
