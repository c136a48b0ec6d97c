"""When a channel took its last messages, where a number of them an hour is the most that it takes."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_states", sa.Column("recent", sa.JSON))
