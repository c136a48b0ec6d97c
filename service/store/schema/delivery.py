"""What is owed to whom, and what came of it."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text, false

from service.store.ids import Id
from service.store.packing import Packed
from service.store.schema.base import Instant, metadata, only

NEXT = "next"  # stands in place of a digest that is yet to be made: the next of the channel

messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),  # also the webhook id; an alert's is that of its event on form4.alerts
    Column("kind", Text, nullable=False),  # alert, digest, notice, test
    Column("workspace", Id, ForeignKey("workspaces.id"), nullable=False),
    Column("accession", Text),  # of an alert: its filing, and by which rule it was met
    Column("trade", Text),  # and the filing that told of its trade before; null: none did
    Column("rule_id", Id),
    Column("rule_revision", BigInteger),
    Column("rule", Text),  # its name then
    Column("urgent", Boolean, nullable=False, server_default=false()),  # it goes before others, and at any hour
    Column("value", Packed, nullable=False),  # as JSON; empty: the log has it, as the event of this id
    Column("shared", BigInteger),  # as an event's, with the value that the log had
    Column("created", Instant, nullable=False, index=True),
    Index("messages_by_filing", "accession", "workspace"),
    only("messages_by_shared", "shared", where="shared IS NOT NULL"),
    only("messages_by_trade", "trade", "rule_id", where="trade IS NOT NULL"),
    only("messages_by_rule", "rule_id", "created", where="rule_id IS NOT NULL"),
    only("alerts_by_time", "workspace", "created", "id", where="kind = 'alert'"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("message", Id, ForeignKey("messages.id"), primary_key=True),
    Column("channel", Id, ForeignKey("resources.id"), primary_key=True),
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
    Column("told_in", Id),  # the digest that tells it together with others, or NEXT; null: it is a message of its own
    Column("told_with", Id),  # the alert in whose message it was told; null: it was a message of its own
    Column("held_until", Instant),  # its channel's quiet hours or digest hold or held it until then; null: none
    Column("beyond", Text),  # whose maximum an hour had it told in a digest: channel, rule; null: nobody's
    Column("receipt", Text),  # the service's own name for what it took; null: it gives none
    Column("silence", Id),  # which keeps, or kept, it from being told; null: none has
    Index("deliveries_by_channel", "channel", "state", "created", "message"),
    only("deliveries_by_digest", "told_in", where="told_in IS NOT NULL"),
    only("deliveries_silenced", "silence", where="silence IS NOT NULL"),
    only("deliveries_held", "channel", "held_until", where="state = 'pending' AND held_until IS NOT NULL"),
    only(
        "deliveries_unseen",
        *("channel", "reason", "settled"),
        where="state = 'dead' AND acknowledged IS NULL AND told_in IS NULL",
    ),
    only("deliveries_waiting", "channel", "due", where="state = 'pending' AND told_in IS NULL"),
)

channel_states = Table(
    "channel_states",
    metadata,
    Column("channel", Id, ForeignKey("resources.id"), primary_key=True),  # every one that was ever owed anything
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
    Column("opened", Instant),  # its circuit: most requests fail, so that probes alone are sent; null: it is closed
    Column("probes", Integer, nullable=False, server_default="0"),  # that were not taken since it opened
    Column("probe_at", Instant),  # of one that is disabled or open: when one delivery tries it; null: at once
    Column("digest_at", Instant),  # when its next digest is due; null: nothing waits for one, and none is to be empty
    Column("recent", JSON(none_as_null=True)),  # when it took its last messages, where they are bounded; null: none
    only("channel_states_by_digest", "digest_at", where="digest_at IS NOT NULL"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("message", Id, ForeignKey("messages.id"), primary_key=True),
    Column("channel", Id, ForeignKey("resources.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("outcome", Text, nullable=False),  # delivered, pending (tried again), dead
    Column("status", Integer),  # HTTP
    Column("detail", Text, nullable=False),
    sqlite_with_rowid=False,  # its key is most of a row, and would be stored twice
)

notices = Table(
    "notices",
    metadata,
    Column("message", Id, ForeignKey("messages.id"), primary_key=True),
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
    Column("channel", Id, ForeignKey("resources.id"), primary_key=True),
    Column("message", Id, ForeignKey("messages.id"), primary_key=True),
    Column("added", Instant, nullable=False),
    Index("digested_by_message", "message"),
)
