"""What the service tells of itself: how it fares, and alerts that are told together."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from msgspec import Struct

_NAMESPACE = UUID("0d0c2f6e-2f8c-4f0f-8f63-7d3b4f5a9e21")  # of notice ids; never to be changed

NOTICE = "filingbell.notice.v1"


class NoticeKind(StrEnum):
    """What a notice is about."""

    BLOCKED = "edgar-block"  # EDGAR refuses this client
    SILENCE = "feed-silent"  # the feed shows nothing new, or cannot be read
    GAP = "feed-gap"  # the feed could not be read back to known ground
    UNPROVEN = "day-unproven"  # a day could not be compared with the SEC's index, or something of it is missing
    LAG = "lag"  # a stage falls behind
    FAILING = "channel-failing"  # a channel has taken nothing for a while; what it is owed waits
    DEAD = "channel-dead"  # alerts to a channel were given up, and nobody has seen to them
    OLD = "queue-old"  # what a channel that works is owed has waited for long
    MISSING = "channel-missing"  # something waits for a channel that is not configured
    DISABLED = "channel-disabled"  # something waits for a channel that is switched off
    ABSENT = "role-absent"  # no process has a role that the service needs
    UNWRITABLE = "database-unwritable"  # nothing can be written to the database, or by a process that runs
    UNREACHABLE = "log-unreachable"  # Kafka does not answer
    UNUSABLE = "filing-unusable"  # filings could not be used, and nobody has seen to them
    MOVED = "ticker-moved"  # a ticker of a watchlist has become another company's
    FAILED = "rule-failed"  # a rule failed on a filing
    RULE = "rule-disabled"  # a rule failed on every filing, and was disabled for that
    QUIET = "rule-silent"  # a rule has rung for none in a much longer time than is usual for it
    UNSURE = "rule-unsure"  # of more filings than before it cannot be told whether they meet a rule
    DIGEST = "digest"  # alerts told together: at a channel's times, of a burst, or on filings of the past


class EventType(StrEnum):
    """What a program reads a notice by: a name that is never another's."""

    BLOCKED = "edgar.blocked"
    SILENCE = "feed.silent"
    GAP = "feed.gap"
    UNPROVEN = "day.unproven"
    LAG = "stage.lagging"
    FAILING = "channel.failing"
    RECOVERED = "channel.recovered"
    DEAD = "channel.dead"
    OLD = "queue.old"
    MISSING = "channel.missing"
    DISABLED = "channel.disabled"
    ABSENT = "role.absent"
    UNWRITABLE = "database.unwritable"
    UNREACHABLE = "log.unreachable"
    UNUSABLE = "filing.unusable"
    MOVED = "ticker.moved"
    FAILED = "rule.failed"
    RULE = "rule.disabled"
    QUIET = "rule.silent"
    UNSURE = "rule.unsure"
    DIGEST = "digest"

    @classmethod
    def of(cls, kind: NoticeKind) -> "EventType":
        """That something of *kind* has begun."""
        return cls[kind.name]


OF_RULES = frozenset({NoticeKind.QUIET, NoticeKind.UNSURE})
"""The kinds that the channels of a rule are told of as well."""

NOT_TAKING = frozenset({NoticeKind.FAILING, NoticeKind.OLD, NoticeKind.MISSING, NoticeKind.DISABLED})
"""The kinds by which their subject, a channel, does not take what it is owed: it would not take the notice either."""

OF_CHANNELS = NOT_TAKING | {NoticeKind.DEAD}
"""The kinds whose subject is a channel."""


class Notice(Struct, frozen=True, kw_only=True):
    """A message that is no alert on a filing; the body of a webhook."""

    id: str
    kind: NoticeKind
    subject: str  # what it is about, among others of its kind
    cleared: bool  # True: it is over
    headline: str  # one line that says it all, also that it is over
    lines: tuple[str, ...]  # what to know and what to do
    links: tuple[tuple[str, str], ...] = ()  # label and address
    at: datetime
    event: EventType | None = None  # what has happened; None: kept by a version that did not say
    reminder: bool = False  # True: it was told before, and still stands
    type: str = NOTICE


def notice_id(kind: NoticeKind, subject: str, raised: datetime, *, cleared: bool) -> str:
    """The same notice gets the same id, whoever makes it."""
    return str(uuid5(_NAMESPACE, f"{kind}/{subject}/{raised.isoformat()}/{cleared}"))
