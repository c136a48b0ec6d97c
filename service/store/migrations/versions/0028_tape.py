"""The tape: a line for each filing that was matched, found by company, insider, kind and words of names."""

import sqlalchemy as sa
from alembic import op

from service.store.ids import Id
from service.store.schema import Instant

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_BY_LETTER = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "tape",
        sa.Column("accession", sa.Text, primary_key=True),
        sa.Column("accepted", Instant, nullable=False),
        sa.Column("published", Instant),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("worth", sa.BigInteger),
        sa.Column("line", sa.LargeBinary, nullable=False),
    )
    op.create_index("tape_by_time", "tape", ["accepted", "accession"])
    op.create_table(
        "tape_keys",
        sa.Column("key", _BY_LETTER, primary_key=True),
        sa.Column("accepted", Instant, primary_key=True),
        sa.Column("accession", sa.Text, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rang",
        sa.Column("accession", sa.Text, primary_key=True),
        sa.Column("workspace", Id, primary_key=True),
        sa.Column("accepted", Instant, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("rang_by_workspace", "rang", ["workspace", "accepted", "accession"])
    op.create_table(
        "parties",
        sa.Column("key", _BY_LETTER, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "party_words",
        sa.Column("word", _BY_LETTER, primary_key=True),
        sa.Column("key", _BY_LETTER, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("party_words_by_key", "party_words", ["key"])
    op.drop_index("ix_messages_accession", "messages")
    op.create_index("messages_by_filing", "messages", ["accession", "workspace"])
