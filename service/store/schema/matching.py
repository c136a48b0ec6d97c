"""Which rules a filing was held against, and what is usual for a rule."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, SmallInteger, Table, Text

from service.store.ids import Id
from service.store.schema.base import Day, Instant, metadata, only

matchings = Table(
    "matchings",
    metadata,
    Column("accession", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),  # of the rules that the filing was held against
    Column("at", Instant, nullable=False),
    Column("times", JSON(none_as_null=True)),  # how long before it passed each station; null: history, or not kept then
    Column("complete", Day),  # how far back the past was whole; 99991231: of no day; null: it was not looked up
    only("matchings_by_time", "at", where="times IS NOT NULL"),
    only("matchings_of_history", "at", where="times IS NULL"),
)

rule_failures = Table(
    "rule_failures",
    metadata,
    Column("rule", Id, primary_key=True),
    Column("accession", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),  # of the rule
    Column("detail", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("standing", Boolean, nullable=False),  # false: the rule has worked on a filing since
    Index("rule_failures_by_filing", "accession"),
    Index("rule_failures_by_standing", "standing", "rule"),
)

rule_rates = Table(
    "rule_rates",
    metadata,
    Column("rule", Id, primary_key=True),
    Column("recent", JSON, nullable=False),  # when its last alerts were let go by themselves, in microseconds
)

rule_habits = Table(
    "rule_habits",
    metadata,
    Column("rule", Id, primary_key=True),
    Column("revision", BigInteger, nullable=False),  # of the rule that was held against the past
    Column("looked", Instant, nullable=False),
    Column("usual", Integer),  # seconds between two alerts; null: too few to tell
    Column("silent", Instant),  # it has been silent for too long, since then; null: it has not
    Column("unsure", Instant),  # since when more is unknown than before; null: it is not so
    Column("before", SmallInteger),  # of 100 filings that it would have rung for or that are unknown: these, before
    Column("lately", SmallInteger),  # and lately
    Column("claim", Text),  # what is unknown most often lately
    only("rule_habits_told", "rule", where="silent IS NOT NULL OR unsure IS NOT NULL"),
)
