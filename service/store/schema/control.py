"""What people own, and who changed it."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Table, Text

from service.store.ids import Id
from service.store.schema.base import Instant, metadata, only

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("operations", JSON, nullable=False),  # ids of the channels that are told of the service itself
    Column("operations_file", Text),  # the file that names these; null: people do
    Column("created", Instant, nullable=False),
    Column("revision", BigInteger, nullable=False),  # of its last change
)

resources = Table(
    "resources",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),  # rule, watchlist, channel
    Column("workspace", Id, ForeignKey("workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("section", JSON, nullable=False),  # references by id, secrets sealed
    Column("placed", JSON(none_as_null=True)),  # of a watchlist: what its tickers stand for; null: nothing is known
    Column("enabled", Boolean, nullable=False),
    Column("file", Text),  # the file that owns it; null: people do
    Column("revision", BigInteger, nullable=False),  # of its last change
    Column("created", Instant, nullable=False),
    Column("removed", Instant),
    only("resources_by_name", "workspace", "kind", "name", where="removed IS NULL", unique=True),
    Index("resources_by_revision", "revision"),
)

changes = Table(
    "changes",
    metadata,
    Column("revision", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("workspace", Id, ForeignKey("workspaces.id")),  # null: it is the whole instance's
    Column("kind", Text, nullable=False),
    Column("resource", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("before", JSON),  # secrets left out
    Column("after", JSON),
    Column("reason", Text),  # why, where the service itself made it; null: a person knows
    Index("changes_by_resource", "resource", "revision"),
    Index("changes_by_workspace", "workspace", "revision"),
    Index("changes_by_actor", "workspace", "actor", "revision"),
)

silences = Table(
    "silences",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace", Id, ForeignKey("workspaces.id"), nullable=False),
    Column("matcher", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("created", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("ended_by", Text),  # null: it ends, or ended, by itself
    Index("silences_by_end", "workspace", "ends"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("current", BigInteger, nullable=False),  # its row's lock puts changes in one order
)
