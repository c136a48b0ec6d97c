"""What waits is found by one look over all channels; a channel that fails for days is left alone."""

import sqlalchemy as sa
from alembic import op

from service.store.schema import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_states", sa.Column("disabled_since", Instant))
    op.add_column("channel_states", sa.Column("probe_at", Instant))
    waiting = sa.text("state = 'pending' AND told_in IS NULL")
    op.create_index(
        "deliveries_waiting", "deliveries", ["channel", "due"], sqlite_where=waiting, postgresql_where=waiting
    )
