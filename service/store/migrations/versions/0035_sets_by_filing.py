"""A quarterly set is brought filing by filing: what is there says how far it has come."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("history_filings", "sum")
    for column in ("table", "row"):
        op.drop_column("history_sets", column)
