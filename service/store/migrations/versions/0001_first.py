"""The first schema."""

import sqlalchemy as sa
from alembic import op

from service.store.schema import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("events_by_topic", "events", ["topic", "seq"])
    op.create_table(
        "positions",
        sa.Column("group", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "filings",
        sa.Column("accession", sa.Text, primary_key=True),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("archive_cik", sa.Text, nullable=False),
        sa.Column("issuer_cik", sa.Text),
        sa.Column("issuer_name", sa.Text),
        sa.Column("updated", Instant, nullable=False),
        sa.Column("seen", Instant, nullable=False),
        sa.Column("history", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due", Instant, nullable=False),
    )
    op.create_index("filings_by_state", "filings", ["state", "due"])
    op.create_table(
        "marks",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("recorded", Instant, nullable=False),
        sa.Column("before", Instant, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("accession", sa.Text, nullable=False, index=True),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("created", Instant, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("alert", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due", Instant, nullable=False),
        sa.Column("created", Instant, nullable=False),
        sa.Column("settled", Instant),
    )
    op.create_index("deliveries_by_state", "deliveries", ["state", "due"])
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
    )
