"""Filings of the past are kept whole, and found by what stands in them."""

import sqlalchemy as sa
from alembic import op

from service.store.packing import Packed
from service.store.schema.base import SEQUENCE

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_SYMBOLS = "INSERT INTO history_symbols SELECT DISTINCT issuer, symbol FROM history_filings WHERE symbol IS NOT NULL"


def upgrade() -> None:
    op.add_column("history_filings", sa.Column("traits", sa.BigInteger))  # null: it may be anything
    op.drop_index("history_by_time", "history_filings")
    op.create_index("history_by_time", "history_filings", ["known", "filing", "source", "traits"])
    op.create_table(
        "history_symbols",
        sa.Column("issuer", sa.BigInteger, primary_key=True),
        sa.Column("symbol", sa.Text, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.execute(_SYMBOLS)
    op.create_table(
        "history_documents",
        sa.Column("filing", SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("value", Packed, nullable=False),
    )
    op.create_table(
        "history_notes",
        sa.Column("filing", sa.BigInteger, primary_key=True),
        sa.Column("number", sa.SmallInteger, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
