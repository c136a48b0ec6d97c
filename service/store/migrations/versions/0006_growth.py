"""Totals that are kept, indexes of the few rows that are asked for, and values that are compressed by us alone."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TOTALS = (
    "SELECT 'appended.' || topic, count(*) FROM events GROUP BY topic",
    "SELECT 'filings.published', count(*) FROM filings WHERE state = 'published' HAVING count(*) > 0",
)
_PACKED = ("events", "alerts", "dead_letters", "notices")


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("total", sa.BigInteger, nullable=False),
    )
    for totals in _TOTALS:
        op.execute(f"INSERT INTO tallies (name, total) {totals}")
    for name in ("filings_by_state", "filings_by_source", "filings_by_backfill"):
        op.drop_index(name, "filings")
    _index("filings_pending", "filings", ["due"], "state = 'pending'")
    _index("filings_pending_by_source", "filings", ["source", "updated"], "state = 'pending'")
    _index("filings_dead", "filings", ["accession"], "state = 'dead'")
    _index("filings_by_backfill", "filings", ["backfill", "state"], "backfill IS NOT NULL")
    _index("filings_by_day", "filings", ["filed_on"], "source = 'feed'")
    _index("notices_standing", "notices", ["raised"], "cleared IS NULL")
    if op.get_context().dialect.name == "postgresql":
        for table in _PACKED:  # PostgreSQL would try in vain to compress them once more
            op.execute(f"ALTER TABLE {table} ALTER COLUMN value SET STORAGE EXTERNAL")


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
