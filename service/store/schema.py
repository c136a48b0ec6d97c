"""The tables, the same on SQLite and PostgreSQL. A change here needs a migration in ``migrations/versions``."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    false,
    literal_column,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine, UserDefinedType

from service.store.packing import Packed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class _Microseconds(UserDefinedType[int]):
    """A whole number, in a column that is declared as it was when these were texts: SQLite takes either."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """As migrations declare it."""
        return "DATETIME"


class Instant(TypeDecorator[datetime]):
    """An aware time in UTC. In SQLite the microseconds since 1970: as text, a time takes three times the room."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What the database has for it."""
        return dialect.type_descriptor(_Microseconds() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """Refuse what has no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The time, in UTC."""
        return _EPOCH + value * _MICROSECOND if isinstance(value, int) else value


def _only(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index that holds the few rows for which *where* is true: it stays small however much is stored.

    So it is on PostgreSQL too, where migrations make it: to say so here would load that dialect for every command.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where))


def literally(column: ColumnElement[str], value: str) -> ColumnElement[bool]:
    """Whether *column* is the word *value*, as the statement says it: a parameter keeps planners from such an index."""
    return column == literal_column(f"'{value}'")


_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only in INTEGER PRIMARY KEY

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("id", Text, nullable=False, unique=True),
    Column("headers", JSON, nullable=False),
    Column("value", Packed, nullable=False),  # empty: pruned; the id stays, so that it cannot come twice
    Index("events_by_topic", "topic", "seq"),
    sqlite_autoincrement=True,  # a sequence number is never used twice
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
)

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
    Column("waits", Text),  # why the last try at its document came to nothing
    Column("source", Text, nullable=False, server_default="feed"),  # feed, index, backfill: who found it first
    Column("filed_on", Date),  # as the feed or an index says
    Column("backfill", Integer),  # which one found it
    Column("digest", Text),  # its alerts are told together, under this name; null: one by one
    _only("filings_pending", "due", where="state = 'pending'"),
    _only("filings_pending_by_source", "source", "updated", where="state = 'pending'"),
    _only("filings_dead", "accession", where="state = 'dead'"),
    _only("filings_by_backfill", "backfill", "state", where="backfill IS NOT NULL"),
    _only("filings_by_day", "filed_on", where="source = 'feed'"),
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
    Column("waits", Text),  # why its last try came to nothing
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

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),  # also the webhook id; an alert's is that of its event on form4.alerts
    Column("kind", Text, nullable=False),  # alert, digest, notice, test
    Column("workspace", Text, ForeignKey("workspaces.id"), nullable=False),
    Column("accession", Text, index=True),  # of an alert: its filing, and by which rule it was met
    Column("rule_id", Text),
    Column("rule_revision", BigInteger),
    Column("rule", Text),  # its name then
    Column("urgent", Boolean, nullable=False, server_default=false()),  # it goes before others, and at any hour
    Column("value", Packed, nullable=False),  # as JSON; empty: the log has it, as the event of this id
    Column("created", Instant, nullable=False, index=True),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("message", Text, ForeignKey("messages.id"), primary_key=True),
    Column("channel", Text, ForeignKey("resources.id"), primary_key=True),
    Column("state", Text, nullable=False),  # pending, delivered, dead, suppressed
    Column("tries", Integer, nullable=False),  # requests made
    Column("steps", Integer, nullable=False, server_default="0"),  # of the retry schedule that are used up
    Column("due", Instant, nullable=False),
    Column("planned", Instant),  # what the schedule says, where *due* was brought forward
    Column("created", Instant, nullable=False),
    Column("settled", Instant),
    Column("claimed", Instant),  # until then a worker is sending it; null: nobody is
    Column("reason", Text),  # why the last try failed, or it is suppressed, one of a closed set; null: none has failed
    Column("acknowledged", Instant),  # when somebody saw to a dead one; null: nobody has
    Column("told_in", Text),  # the digest that tells it together with others; null: it is a message of its own
    Column("held_until", Instant),  # its channel's quiet hours hold or held it until then; null: none did
    Index("deliveries_by_channel", "channel", "state", "due"),
    _only("deliveries_by_digest", "told_in", where="told_in IS NOT NULL"),
    _only("deliveries_held", "channel", "held_until", where="state = 'pending' AND held_until IS NOT NULL"),
    _only("deliveries_waiting", "channel", "due", where="state = 'pending' AND told_in IS NULL"),
)

channel_states = Table(
    "channel_states",
    metadata,
    Column("channel", Text, ForeignKey("resources.id"), primary_key=True),  # every one that was ever owed anything
    Column("free_at", Instant),  # its pace: no request starts before; null: at any time
    Column("paused_until", Instant),  # it asked us to wait; null: it has not
    Column("claimed", Instant),  # of a channel that takes one request at a time: until then a worker is at it
    Column("missing_since", Instant),  # no configuration names it; null: as far as is known, one does
    Column("failing_since", Instant),  # the first failure since its last success; null: it works
    Column("failures", Integer, nullable=False, server_default="0"),  # since its last success
    Column("reason", Text),  # of its last failure, one of a closed set; null: none was ever seen
    Column("detail", Text),
    Column("failed_at", Instant),
    Column("succeeded_at", Instant),
    Column("disabled_since", Instant),  # it failed for so long that it is left alone; null: it is sent to
    Column("probe_at", Instant),  # when to try it again all the same, with one delivery; null: at once
)

attempts = Table(
    "attempts",
    metadata,
    Column("message", Text, ForeignKey("messages.id"), primary_key=True),
    Column("channel", Text, ForeignKey("resources.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("outcome", Text, nullable=False),  # delivered, pending (tried again), dead
    Column("status", Integer),  # HTTP
    Column("detail", Text, nullable=False),
    sqlite_with_rowid=False,  # its key is most of a row, and would be stored twice
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("expires", Instant, nullable=False),
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

notices = Table(
    "notices",
    metadata,
    Column("message", Text, ForeignKey("messages.id"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),  # what it is about, among others of its kind
    Column("raised", Instant, nullable=False),
    Column("cleared", Instant),  # null: still so
    Column("owed", Boolean, nullable=False),  # whether its channels are owed it
    Index("notices_by_owed", "owed"),
    Index("notices_by_end", "cleared"),
)

digested = Table(
    "digested",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("channel", Text, ForeignKey("resources.id"), primary_key=True),
    Column("message", Text, ForeignKey("messages.id"), primary_key=True),
    Column("added", Instant, nullable=False),
    Index("digested_by_message", "message"),
)

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

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("operations", JSON, nullable=False),  # ids of the channels that are told of the service itself
    Column("created", Instant, nullable=False),
)

resources = Table(
    "resources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # rule, watchlist, channel
    Column("workspace", Text, ForeignKey("workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("section", JSON, nullable=False),  # references by id, secrets sealed
    Column("enabled", Boolean, nullable=False),
    Column("file", Text),  # the file that owns it; null: people do
    Column("revision", BigInteger, nullable=False),  # of its last change
    Column("created", Instant, nullable=False),
    Column("removed", Instant),
    _only("resources_by_name", "workspace", "kind", "name", where="removed IS NULL", unique=True),
    Index("resources_by_revision", "revision"),
)

changes = Table(
    "changes",
    metadata,
    Column("revision", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("workspace", Text, ForeignKey("workspaces.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("before", JSON),  # secrets left out
    Column("after", JSON),
    Column("reason", Text),  # why, where the service itself made it; null: a person knows
    Index("changes_by_resource", "resource", "revision"),
)

matchings = Table(
    "matchings",
    metadata,
    Column("accession", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),  # of the rules that the filing was held against
    Column("at", Instant, nullable=False),
    Column("times", JSON(none_as_null=True)),  # how long before it passed each station; null: history, or not kept then
    _only("matchings_by_time", "at", where="times IS NOT NULL"),
    _only("matchings_of_history", "at", where="times IS NULL"),
)

rule_failures = Table(
    "rule_failures",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("accession", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),  # of the rule
    Column("detail", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("standing", Boolean, nullable=False),  # false: the rule has worked on a filing since
    Index("rule_failures_by_filing", "accession"),
    Index("rule_failures_by_standing", "standing", "rule"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("current", BigInteger, nullable=False),  # its row's lock puts changes in one order
)
