"""Since when nothing is sent to a channel but probes, and how many of those were not taken."""

import sqlalchemy as sa
from alembic import op

from service.store.schema import Instant

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_states", sa.Column("opened", Instant))
    op.add_column("channel_states", sa.Column("probes", sa.Integer, nullable=False, server_default="0"))
