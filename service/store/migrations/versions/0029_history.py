"""What insiders and companies did before, row by row."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from service.store.schema import Day, Exact, Instant

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_ROWS: tuple[tuple[str, Any], ...] = (
    ("security_title", sa.Text),
    ("conversion_or_exercise_price", Exact),
    ("transaction_date", Day),
    ("deemed_execution_date", Day),
    ("transaction_form_type", sa.Text),
    ("transaction_code", sa.Text),
    ("equity_swap_involved", sa.SmallInteger),
    ("transaction_timeliness", sa.Text),
    ("transaction_shares", Exact),
    ("transaction_total_value", Exact),
    ("transaction_price_per_share", Exact),
    ("transaction_acquired_disposed_code", sa.Text),
    ("exercise_date", Day),
    ("expiration_date", Day),
    ("underlying_security_title", sa.Text),
    ("underlying_security_shares", Exact),
    ("underlying_security_value", Exact),
    ("shares_owned_following_transaction", Exact),
    ("value_owned_following_transaction", Exact),
    ("direct_or_indirect_ownership", sa.Text),
    ("nature_of_ownership", sa.Text),
    ("notes", sa.Text),
)


def upgrade() -> None:
    op.create_table(
        "history_filings",
        sa.Column("filing", sa.BigInteger, primary_key=True),
        sa.Column("source", sa.SmallInteger, primary_key=True),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("issuer", sa.BigInteger, nullable=False),
        sa.Column("company", sa.Text),
        sa.Column("symbol", sa.Text),
        sa.Column("known", Instant, nullable=False),
        sa.Column("filed", Day),
        sa.Column("period", Day),
        sa.Column("amends", Day),
        sa.Column("plan", sa.SmallInteger),
        sa.Column("left", sa.SmallInteger),
        sa.Column("brought", sa.Integer),
        sa.Column("sum", sa.BigInteger),
    )
    op.create_index("history_by_issuer", "history_filings", ["issuer", "known"])
    op.create_index("history_by_time", "history_filings", ["known"])
    brought = sa.text("brought IS NOT NULL")
    op.create_index("history_by_set", "history_filings", ["brought"], sqlite_where=brought, postgresql_where=brought)
    op.create_table(
        "history_owners",
        sa.Column("filing", sa.BigInteger, primary_key=True),
        sa.Column("source", sa.SmallInteger, primary_key=True),
        sa.Column("owner", sa.BigInteger, primary_key=True),
        sa.Column("rpt_owner_name", sa.Text),
        sa.Column("is_director", sa.SmallInteger),
        sa.Column("is_officer", sa.SmallInteger),
        sa.Column("is_ten_percent_owner", sa.SmallInteger),
        sa.Column("is_other", sa.SmallInteger),
        sa.Column("officer_title", sa.Text),
        sa.Column("other_text", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("history_by_owner", "history_owners", ["owner", "filing"])
    op.create_table(
        "history_rows",
        sa.Column("filing", sa.BigInteger, primary_key=True),
        sa.Column("source", sa.SmallInteger, primary_key=True),
        sa.Column("part", sa.SmallInteger, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        *(sa.Column(name, kind) for name, kind in _ROWS),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "history_sets",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("started", Instant, nullable=False),
        sa.Column("finished", Instant),
        sa.Column("table", sa.Text),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("filings", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
