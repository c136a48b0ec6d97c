"""A workspace's alerts, and deliveries to a channel in a state, are listed by time."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    alert = sa.text("kind = 'alert'")
    op.create_index(
        "alerts_by_time", "messages", ["workspace", "created", "id"], sqlite_where=alert, postgresql_where=alert
    )
    op.drop_index("deliveries_by_channel", "deliveries")  # what waits by its due time has an index of its own
    op.create_index("deliveries_by_channel", "deliveries", ["channel", "state", "created", "message"])
