"""The topics: names, keys, CloudEvents headers. This is the public interface of filingbell.

Every event is JSON of one of the model's Structs, keyed by the issuer's CIK (one issuer's filings stay in order),
with the attributes of CloudEvents 1.0 as headers in Kafka's binary content mode.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType

from msgspec import Struct, defstruct
from msgspec.structs import replace

from service.model.alert import Alert
from service.model.dead import DeadLetter
from service.model.filing import Accession, Cik, FilingEvent, accession_number
from service.model.identity import WorkspaceId
from service.model.parsed import ParsedFiling
from service.model.trade import TradeId, trade_id
from service.wire.codec import decode, encode

_WORKSPACE = "ce_workspace"
SEQUENCE = "filingbell-seq"  # header that the relay adds: the event's number over all topics
CLOSING = "filingbell-closing"  # header of a record that ends what hangs: it is aborted, and no event

_SHARED_FROM, _SHARED_UNTIL = b'"headline":', b',"explanation":'  # what alerts of a filing say whatever the rule
_ALERT = Alert.__struct_fields__
_APART = tuple(  # the rest of an alert
    (defstruct("Apart", names), attrgetter(*names))
    for names in (_ALERT[: _ALERT.index("headline")], _ALERT[_ALERT.index("explanation") :])
)


class Topic(StrEnum):
    """Where an event goes."""

    FILINGS = "form4.filings"
    PARSED = "form4.parsed"
    ALERTS = "form4.alerts"
    DEAD = "form4.dead"


KINDS: Mapping[Topic, type[Struct]] = {
    Topic.FILINGS: FilingEvent,
    Topic.PARSED: ParsedFiling,
    Topic.ALERTS: Alert,
    Topic.DEAD: DeadLetter,
}

TYPES: Mapping[Topic, str] = {
    Topic.FILINGS: "filingbell.filing.v1",
    Topic.PARSED: "filingbell.parsed.v1",
    Topic.ALERTS: "filingbell.alert.v1",
    Topic.DEAD: "filingbell.dead.v1",
}


class Event(Struct, frozen=True, kw_only=True):
    """An event to be appended to a topic; ``id`` is unique in the whole log."""

    topic: Topic
    key: str
    id: str
    headers: Mapping[str, str]
    value: bytes
    shared: bytes = b""  # a part of the value that other events may have too; empty: nothing is known of it
    shared_at: int = 0  # where in the value that begins


class Record(Struct, frozen=True, kw_only=True):
    """An event as a consumer reads it back, with its place in the log."""

    topic: Topic
    partition: int
    offset: int
    key: str
    id: str
    headers: Mapping[str, str]
    value: bytes


def attributes(topic: Topic, event_id: str) -> dict[str, str]:
    """The headers that every event of *topic* has, but for its id."""
    return {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": TYPES[topic],
        "ce_source": "filingbell",
        "content-type": "application/json",
    }


def accession_of(record: Record) -> Accession | None:
    """The filing that *record* is about; None: its headers do not say."""
    try:
        return accession_number(record.headers.get("ce_subject", ""))
    except ValueError:
        return None


def workspace_of(alert: Record) -> WorkspaceId:
    """Whose *alert* it is; events of earlier versions say so in their value alone."""
    said = alert.headers.get(_WORKSPACE)
    return WorkspaceId(said) if said else decode(alert.value, Alert).workspace


def filing_event(value: FilingEvent, at: datetime) -> Event:
    """A filing, on ``form4.filings``."""
    filing = value.filing
    return _event(Topic.FILINGS, filing.issuer_cik, filing.accession, f"filing-{filing.accession}", at, encode(value))


def parsed_event(value: ParsedFiling, at: datetime) -> Event:
    """A filing's whole form, on ``form4.parsed``."""
    accession = value.filing.accession
    return _event(Topic.PARSED, value.document.issuer.issuer_cik, accession, f"parsed-{accession}", at, encode(value))


def alert_event(alert: Alert, at: datetime, like: Event | None = None) -> Event:
    """An alert, on ``form4.alerts``; its id is the alert's own.

    *like*: the event of an alert that differs by its rule and why that is met alone: the rest is not encoded again.
    """
    if like is None:
        value = encode(alert)
        begin, end = value.index(_SHARED_FROM), value.rindex(_SHARED_UNTIL)  # in no text: quotes are escaped there
        shared = value[begin:end]
    else:
        rule, why = [encode(apart(*of(alert))) for apart, of in _APART]
        shared, begin = like.shared, len(rule)
        value = b"".join((rule[:-1], b",", shared, b",", why[1:]))
    whose = {_WORKSPACE: alert.workspace, "ce_ruleid": alert.rule_id}
    event = _event(Topic.ALERTS, alert.issuer.issuer_cik, alert.filing.accession, alert.id, at, value, whose)
    return replace(event, shared=shared, shared_at=begin)


def of_trade(event: Event, trade: TradeId, follows: str | None) -> Event:
    """*event*, an alert's that was taken for the first one on its trade, as one on *trade* behind the alert *follows*.

    What it follows as an amendment stays.
    """
    alone = _trade(trade_id(Accession(event.headers["ce_subject"])))
    value, shared = (part.replace(alone, _trade(trade), 1) for part in (event.value, event.shared))
    nothing, end = b'"follows":null', value.rfind(b'"follows":')
    if follows is not None and value.startswith(nothing, end):  # the last key but one: no text can be taken for it
        value = value[:end] + b'"follows":' + encode(follows) + value[end + len(nothing) :]
    return replace(event, value=value, shared=shared)


def _trade(trade: TradeId) -> bytes:
    return b'"trade_id":' + encode(trade)


def dead_event(value: DeadLetter) -> Event:
    """A dead letter, on ``form4.dead``."""
    place = value.accession if value.offset is None else f"{value.topic}-{value.partition}-{value.offset}"
    event_id = f"dead-{value.group}-{place}"
    subject = value.accession or Accession(value.id or event_id)
    return _event(Topic.DEAD, Cik(value.key) if value.key else None, subject, event_id, value.died, encode(value))


def _event(
    topic: Topic,
    issuer: Cik | None,
    accession: Accession,
    event_id: str,
    at: datetime,
    value: bytes,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Event:
    return Event(
        topic=topic,
        key=issuer or accession,  # an issuer that nobody names cannot order anything
        id=event_id,
        headers=attributes(topic, event_id) | {"ce_time": at.isoformat(), "ce_subject": accession, **more},
        value=value,
    )
