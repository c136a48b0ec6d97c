"""What was given up and nobody has seen to is counted along an index of just that."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    unseen = sa.text("state = 'dead' AND acknowledged IS NULL AND told_in IS NULL")
    op.create_index(
        "deliveries_unseen",
        "deliveries",
        ["channel", "reason", "settled"],
        sqlite_where=unseen,
        postgresql_where=unseen,
    )
