"""What the facts of filings are, as numbers: filled as filings are read, and empty until then."""

import sqlalchemy as sa
from alembic import op

from service.store.schema import Instant

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_SMALL = ("ownership", "direction", "plan", "amendment", "plan_10b5_1", "joint", "relationship_ended")
_WORDS = ("kinds", "security_class", "flags", "transaction_code", "role", "role_missing", "lacks")
_DAYS = ("transaction_date", "expiration_date", "filed_on")
_NUMBERS = (
    *("shares", "price", "value", "strike", "underlying_shares", "exercise_value", "owned_after", "filing_lag"),
    *("discount", "years_to_expiry", "days_late", "net_value", "net_shares", "sold_share"),
)


def upgrade() -> None:
    op.create_table(
        "history_facts",
        sa.Column("known", Instant, primary_key=True),
        sa.Column("filing", sa.BigInteger, primary_key=True),
        sa.Column("source", sa.SmallInteger, primary_key=True),
        sa.Column("number", sa.SmallInteger, primary_key=True),
        sa.Column("form", sa.SmallInteger, nullable=False),
        sa.Column("issuer", sa.BigInteger, nullable=False),
        sa.Column("owners", sa.Text),
        *(sa.Column(name, sa.SmallInteger) for name in _SMALL),
        *(sa.Column(name, sa.Integer) for name in (*_WORDS, *_DAYS)),
        *(sa.Column(name, sa.Double) for name in _NUMBERS),
        sqlite_with_rowid=False,
    )
