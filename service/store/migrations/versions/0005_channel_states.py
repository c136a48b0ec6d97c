"""Dead deliveries that can be brought back, and the state of each channel."""

import sqlalchemy as sa
from alembic import op

from service.store.schema import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("steps", sa.Integer, nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("planned", Instant))
    op.add_column("deliveries", sa.Column("reason", sa.Text))
    op.add_column("deliveries", sa.Column("acknowledged", Instant))
    op.add_column("deliveries", sa.Column("told_in", sa.Text))
    op.execute("UPDATE deliveries SET steps = tries WHERE state = 'pending'")
    op.execute("UPDATE deliveries SET state = 'dead' WHERE state = 'failed'")
    op.execute("UPDATE attempts SET outcome = 'dead' WHERE outcome = 'failed'")
    op.create_index("deliveries_by_channel", "deliveries", ["channel", "state", "due"])
    told = sa.text("told_in IS NOT NULL")
    op.create_index("deliveries_by_digest", "deliveries", ["told_in"], sqlite_where=told, postgresql_where=told)
    op.drop_index("deliveries_by_state", "deliveries")
    op.create_table(
        "channel_states",
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("free_at", Instant),
        sa.Column("paused_until", Instant),
        sa.Column("claimed", Instant),
        sa.Column("missing_since", Instant),
        sa.Column("failing_since", Instant),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("reason", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("failed_at", Instant),
        sa.Column("succeeded_at", Instant),
    )
    op.execute("INSERT INTO channel_states (channel) SELECT DISTINCT channel FROM deliveries")
