"""The log's events, and how far each group has read them."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from service.store.headers import Headers
from service.store.ids import Id
from service.store.packing import Packed, PackedOften
from service.store.schema.base import SEQUENCE, metadata, only

events = Table(
    "events",
    metadata,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("id", Id, nullable=False, unique=True),
    Column("headers", Headers, nullable=False),
    Column("value", Packed, nullable=False),  # empty: pruned; the id stays, so that it cannot come twice
    Column("shared", BigInteger),  # where the rest of the value is; null: it is whole
    Index("events_by_topic", "topic", "seq"),
    only("events_by_shared", "shared", where="shared IS NOT NULL"),
    sqlite_autoincrement=True,  # a sequence number is never used twice
)

shared = Table(
    "shared",
    metadata,
    Column("id", SEQUENCE, primary_key=True, autoincrement=True),
    Column("value", PackedOften, nullable=False),  # a part that the values of several events have
    sqlite_autoincrement=True,  # nothing that is left behind can mean another
)

tallies = Table(
    "tallies",
    metadata,
    Column("name", Text, primary_key=True),  # what is counted, and of which: appended.form4.alerts
    Column("total", BigInteger, nullable=False),
)

positions = Table(
    "positions",
    metadata,
    Column("log", Text, primary_key=True),  # which log the offsets are of: the events table, or one of Kafka's clusters
    Column("group", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next", BigInteger, nullable=False),  # the first offset not yet handled
    Column("handled", BigInteger),  # the number of the last event before it; NULL: none is known
)
