"""When the next digest of a channel is due."""

import sqlalchemy as sa
from alembic import op

from service.store.schema import Instant

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_states", sa.Column("digest_at", Instant))
    due = sa.text("digest_at IS NOT NULL")
    op.create_index("channel_states_by_digest", "channel_states", ["digest_at"], sqlite_where=due, postgresql_where=due)
