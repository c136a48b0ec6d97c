"""What history was held against is found by its time, so that it can be forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    history = sa.text("times IS NULL")
    op.create_index("matchings_of_history", "matchings", ["at"], sqlite_where=history, postgresql_where=history)
