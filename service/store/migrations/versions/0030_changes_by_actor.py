"""The log of changes is read by who made them, too."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("changes_by_actor", "changes", ["workspace", "actor", "revision"])
