"""Who runs, who leads, what was asked of the SEC, and what could not be used."""

from sqlalchemy import JSON, Column, Date, Index, Integer, Table, Text

from service.store.packing import Packed
from service.store.schema.base import Instant, metadata

processes = Table(
    "processes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("roles", JSON, nullable=False),
    Column("version", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", Instant, nullable=False),
    Column("beat", Instant, nullable=False),  # when it was last heard of
    Column("ended", Instant),  # null: it has not said that it ends
    Column("why", Text),  # why it ended
    Column("config", Text),  # the path of its configuration file; null: its roles need none
    Column("config_digest", Text),  # of that file, as it was loaded
    Column("config_loaded", Instant),
    Column("config_fault", Text),  # why the file was not loaded again; null: it was
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("expires", Instant, nullable=False),
)

requests = Table(  # to the SEC
    "requests",
    metadata,
    Column("day", Date, primary_key=True),  # New York's
    Column("feed", Integer, nullable=False),
    Column("document", Integer, nullable=False),
    Column("index", Integer, nullable=False),
    Column("company", Integer, nullable=False),
    Column("refused", Integer, nullable=False),  # of these
    Column("failed", Integer, nullable=False),  # of these
    Column("peak", Integer, nullable=False),  # the most within one second
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Text, primary_key=True),  # the CloudEvents id of the letter on form4.dead
    Column("stage", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("accession", Text),
    Column("event", Text),  # the CloudEvents id of the record that could not be used
    Column("value", Packed, nullable=False),  # the letter as JSON, as it stands on form4.dead
    Column("died", Instant, nullable=False),
    Column("state", Text, nullable=False),  # open, retried, dropped
    Index("dead_letters_by_state", "state", "died"),
)
