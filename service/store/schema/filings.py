"""Filings as EDGAR shows them, and whether that is all."""

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, Table, Text

from service.store.schema.base import Instant, metadata, only

filings = Table(
    "filings",
    metadata,
    Column("accession", Text, primary_key=True),
    Column("form", Text, nullable=False),
    Column("archive_cik", Text, nullable=False),  # a party's CIK: the archive folder the document stands in
    Column("issuer_cik", Text),
    Column("issuer_name", Text),
    Column("updated", Instant, nullable=False),
    Column("seen", Instant, nullable=False),
    Column("history", Boolean, nullable=False),
    Column("state", Text, nullable=False),  # pending, published, dead
    Column("tries", Integer, nullable=False),
    Column("due", Instant, nullable=False),
    Column("waits", Text),  # why the last try at its document failed
    Column("source", Text, nullable=False, server_default="feed"),  # feed, index, backfill: who found it first
    Column("filed_on", Date),  # as the feed or an index says
    Column("backfill", Integer),  # which one found it
    Column("digest", Text),  # its alerts are told together, under this name; null: one by one
    only("filings_pending", "due", where="state = 'pending'"),
    only("filings_pending_by_source", "source", "updated", where="state = 'pending'"),
    only("filings_dead", "accession", where="state = 'dead'"),
    only("filings_by_backfill", "backfill", "state", where="backfill IS NOT NULL"),
    only("filings_by_day", "filed_on", where="source = 'feed'"),
    Index("filings_by_time", "updated"),
)

listed = Table(
    "listed",
    metadata,
    Column("accession", Text, primary_key=True),
    Column("day", Date, nullable=False, index=True),  # whose index of the SEC lists it
)

days = Table(
    "days",
    metadata,
    Column("day", Date, primary_key=True),  # Eastern; a weekday
    Column("state", Text, nullable=False),  # due, read, closed
    Column("due", Instant, nullable=False),  # when to look for its index next
    Column("looks", Integer, nullable=False),
    Column("note", Text),  # why its index could not be trusted, or what is odd about it
    Column("digest", Text),  # of the index last looked at, and how many times in a row it was the same
    Column("read", Instant),  # when the index was last read whole
    Column("indexed", Integer),  # its counts, once what its index lists is forgotten; null: they are counted
    Column("seen", Integer),
    Column("recovered", Integer),
    Column("dead", Integer),
)

backfills = Table(
    "backfills",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("tickers", JSON, nullable=False),
    Column("ciks", JSON, nullable=False),
    Column("alert", Boolean, nullable=False),
    Column("units", JSON, nullable=False),  # the indexes and files to read, in their order
    Column("step", Integer, nullable=False),  # how many of them are read
    Column("listed", Integer, nullable=False),  # filings they list, known ones included
    Column("tries", Integer, nullable=False),  # at the unit that is next
    Column("due", Instant, nullable=False),
    Column("waits", Text),  # why its last try failed
    Column("state", Text, nullable=False),  # active, done, failed, stopped
    Column("notes", JSON, nullable=False),  # what was odd
    Column("created", Instant, nullable=False),
    sqlite_autoincrement=True,
)

marks = Table(
    "marks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)

gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recorded", Instant, nullable=False),
    Column("before", Instant, nullable=False),  # the feed could not be read back behind this time
    Column("cause", Text, nullable=False),
    Column("after", Instant),  # what was known before it; null: recorded by an earlier version
    Column("closed", Instant),  # when every day of it had been compared with the SEC's index
)
