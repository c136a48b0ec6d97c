"""The SEC's indexes, backfills, gaps that are closed, operational notices and digests."""

import sqlalchemy as sa
from alembic import op

from service.store.schema import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("filings", sa.Column("source", sa.Text, nullable=False, server_default="feed"))
    op.add_column("filings", sa.Column("filed_on", sa.Date))
    op.add_column("filings", sa.Column("backfill", sa.Integer))
    op.add_column("filings", sa.Column("digest", sa.Text))
    op.create_index("filings_by_source", "filings", ["state", "source", "updated"])
    op.create_index("filings_by_backfill", "filings", ["backfill", "state"])
    op.create_index("filings_by_time", "filings", ["updated"])
    op.add_column("gaps", sa.Column("after", Instant))
    op.add_column("gaps", sa.Column("closed", Instant))
    op.create_table(
        "listed",
        sa.Column("accession", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, nullable=False, index=True),
    )
    op.create_table(
        "days",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due", Instant, nullable=False),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("digest", sa.Text),
        sa.Column("read", Instant),
    )
    op.create_table(
        "backfills",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("tickers", sa.JSON, nullable=False),
        sa.Column("ciks", sa.JSON, nullable=False),
        sa.Column("alert", sa.Boolean, nullable=False),
        sa.Column("units", sa.JSON, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("listed", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due", Instant, nullable=False),
        sa.Column("waits", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("created", Instant, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("raised", Instant, nullable=False),
        sa.Column("cleared", Instant),
        sa.Column("owed", sa.Boolean, nullable=False),
    )
    op.create_index("notices_by_owed", "notices", ["owed"])
    op.create_table(
        "digested",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("alert", sa.Text, primary_key=True),
        sa.Column("added", Instant, nullable=False),
    )
