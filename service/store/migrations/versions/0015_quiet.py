"""Deliveries that quiet hours hold, and until when."""

import sqlalchemy as sa
from alembic import op

from service.store.schema import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("held_until", Instant))
    held = sa.text("state = 'pending' AND held_until IS NOT NULL")
    op.create_index(
        "deliveries_held", "deliveries", ["channel", "held_until"], sqlite_where=held, postgresql_where=held
    )
