"""What every channel has received is a total; attempts are stored by their key."""

import sqlalchemy as sa
from alembic import op

from service.store.schema import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "INSERT INTO tallies (name, total) SELECT 'delivered.' || channel, count(*) FROM deliveries "
        "WHERE state = 'delivered' GROUP BY channel"
    )
    op.drop_index("attempts_dead", "attempts")
    if op.get_context().dialect.name == "sqlite":
        _without_rowid()


def _without_rowid() -> None:
    op.rename_table("attempts", "attempts_with_rowid")
    op.create_table(
        "attempts",
        sa.Column("alert", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("detail", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO attempts (alert, channel, number, at, seconds, outcome, status, detail) "
        "SELECT alert, channel, number, at, seconds, outcome, status, detail FROM attempts_with_rowid"
    )
    op.drop_table("attempts_with_rowid")
