"""The SEC's list of tickers, and what the tickers of watchlists stand for by it."""

import sqlalchemy as sa
from alembic import op

from service.store.packing import Packed
from service.store.schema import Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticker_lists",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", Packed, nullable=False),
        sa.Column("validators", sa.JSON, nullable=False),
        sa.Column("read", Instant),
        sa.Column("changed", Instant),
        sa.Column("waits", sa.Text),
        sa.Column("waits_since", Instant),
    )
    op.add_column("resources", sa.Column("placed", sa.JSON))
    op.create_table(
        "moved_tickers",
        sa.Column("watchlist", sa.Text, sa.ForeignKey("resources.id"), primary_key=True),
        sa.Column("ticker", sa.Text, primary_key=True),
        sa.Column("workspace", sa.Text, sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("before_cik", sa.Text, nullable=False),
        sa.Column("before_name", sa.Text, nullable=False),
        sa.Column("after_cik", sa.Text, nullable=False),
        sa.Column("after_name", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("found", Instant, nullable=False),
    )
