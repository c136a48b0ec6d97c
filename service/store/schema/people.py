"""Who may ask: people, their sessions, tokens. Of what lets somebody in, only digests are kept."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Table, Text

from service.store.ids import Id
from service.store.schema.base import Instant, metadata, only

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),  # as its owner writes it
    Column("folded", Text, nullable=False, unique=True),  # the name without its case
    Column("password", Text, nullable=False),  # argon2id
    Column("admin", Boolean, nullable=False),
    Column("created", Instant, nullable=False),
    Column("disabled", Instant),
    Column("revision", BigInteger, nullable=False),  # of the last change of what they are in the whole instance
)

memberships = Table(
    "memberships",
    metadata,
    Column("person", Id, ForeignKey("people.id"), primary_key=True),
    Column("workspace", Id, ForeignKey("workspaces.id"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),  # of its last change
    Index("memberships_by_workspace", "workspace"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),  # of what stays the same while its secret changes
    Column("secret", Text, nullable=False),  # the digest of what the browser must show besides
    Column("previous", Text),  # the same, of the one before; null: no longer taken
    Column("renewed", Instant, nullable=False),  # when the secret was made
    Column("due", Instant, nullable=False),  # when the next one is
    Column("person", Id, ForeignKey("people.id"), nullable=False),
    Column("workspace", Id, ForeignKey("workspaces.id"), nullable=False),  # the one that is looked at
    Column("created", Instant, nullable=False),
    Column("seen", Instant, nullable=False),  # to within a minute
    Column("browser", Text),  # as its owner would call it; null: it has not said what it is
    Column("expires", Instant, nullable=False),
    Index("sessions_by_person", "person"),
    Index("sessions_by_expiry", "expires"),
)

links = Table(
    "links",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    Column("workspace", Id, ForeignKey("workspaces.id")),  # of an invitation
    Column("role", Text),  # likewise
    Column("person", Id, ForeignKey("people.id")),  # who chooses a new password; both null: it makes the first person
    Column("name", Text, nullable=False),  # whom it is for
    Column("made_by", Text, nullable=False),
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("workspace", Id, ForeignKey("workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("person", Id, ForeignKey("people.id")),  # who made it, or the token that made it; null: a command did
    Column("created", Instant, nullable=False),
    Column("expires", Instant),
    Column("used", Instant),
    Column("revoked", Instant),
    Column("revoked_by", Text),
    only("tokens_by_name", "workspace", "name", where="revoked IS NULL", unique=True),
)

repeats = Table(
    "repeats",
    metadata,
    Column("asker", Text, primary_key=True),  # the id of the token or person, and of the workspace
    Column("key", Text, primary_key=True),  # Idempotency-Key
    Column("request", Text, nullable=False),  # its digest
    Column("made", Id, nullable=False),  # the id of what it made
    Column("revision", BigInteger, nullable=False),  # at which it was made
    Column("at", Instant, nullable=False),
    Index("repeats_by_time", "at"),
)
