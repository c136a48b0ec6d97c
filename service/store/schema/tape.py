"""The tape, and what its filings are found by.

On PostgreSQL keys and words are in the order of their letters, so that what begins alike stands together; migrations
make them so.
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text

from service.store.ids import Id
from service.store.schema.base import Instant, metadata

tape = Table(
    "tape",
    metadata,
    Column("accession", Text, primary_key=True),
    Column("accepted", Instant, nullable=False),
    Column("published", Instant),
    Column("form", Text, nullable=False),
    Column("kinds", Text, nullable=False),  # " sale exercise ": each between blanks
    Column("worth", BigInteger),  # whole US dollars; null: it states no sum
    Column("line", LargeBinary, nullable=False),  # the rest of it, as JSON without names
    Index("tape_by_time", "accepted", "accession"),
)

tape_keys = Table(
    "tape_keys",
    metadata,
    Column("key", Text, primary_key=True),  # issuer:0000320193, kind:sale: a facet of the filing, and its value
    Column("accepted", Instant, primary_key=True),
    Column("accession", Text, primary_key=True),
    sqlite_with_rowid=False,  # its key is all of a row
)

rang = Table(
    "rang",
    metadata,
    Column("accession", Text, primary_key=True),
    Column("workspace", Id, primary_key=True),  # one of whose rules the filing met
    Column("accepted", Instant, nullable=False),
    Index("rang_by_workspace", "workspace", "accepted", "accession"),
    sqlite_with_rowid=False,
)

parties = Table(
    "parties",
    metadata,
    Column("key", Text, primary_key=True),  # issuer:..., owner:...
    Column(
        "name", Text, nullable=False
    ),  # as the latest filing writes it; a company's with its symbols: Example Corp $EXMP
)

party_words = Table(
    "party_words",
    metadata,
    Column("word", Text, primary_key=True),  # of a name that the party has or had, folded; or its symbol
    Column("key", Text, primary_key=True),
    Index("party_words_by_key", "key"),
    sqlite_with_rowid=False,
)
