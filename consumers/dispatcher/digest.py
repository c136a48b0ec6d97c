"""Alerts told in one message: those on filings of the past, and those that come faster than a channel takes them."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from service.model.alert import Alert
from service.model.delivery import Decision, Obligation
from service.model.filing import Provenance
from service.model.identity import WorkspaceId
from service.model.message import Message, MessageKind
from service.model.notice import Notice, NoticeKind, notice_id
from service.wire import encode
from service.words import counted

BURST = 20  # filings in a digest of a burst: as many as Slack shows each with its line and its link

_TOLD = 40  # alerts named in a digest of the past; the others are counted


def digest(decision: Decision, found: Provenance) -> Decision:
    """*decision*, for an alert on a filing *found* so: where a digest was asked for, the alert is told in it."""
    return replace(decision, digest=found.digest) if isinstance(decision, Obligation) else decision


def of_the_past(name: str, channel: str, alerts: Sequence[Alert], at: datetime) -> Notice:
    """The message to *channel* that tells the alerts of the digest *name* together, by the day of their filing."""
    ordered = sorted(alerts, key=lambda alert: (alert.filing.filed_on or at.date(), alert.filing.accession))
    days = sorted(alert.filing.filed_on for alert in ordered if alert.filing.filed_on)
    span = f", filed {days[0]} to {days[-1]}" if days else ""
    lines = [_line([alert]) for alert in ordered[:_TOLD]]
    if len(ordered) > _TOLD:
        lines.append(f"and {len(ordered) - _TOLD} more: filingbell tail form4.alerts --from-beginning")
    headline = f"{name}: {counted(len(ordered), 'alert')} on filings of the past{span}"
    return _notice(name, channel, ordered, lines, headline, at)


def _line(same: Sequence[Alert]) -> str:
    """What *same*, the alerts of several rules on one filing, have to tell."""
    rules = ", ".join(alert.rule for alert in same)
    return f"{same[0].filing.filed_on or ''} {rules}: {same[0].headline}".strip()


def of_a_burst(channel: str, alerts: Sequence[Alert], at: datetime) -> Notice:
    """The message to *channel* that tells *alerts* in their order, each filing in a line for all of its rules."""
    headline = f"{counted(len(alerts), 'alert')} in one message: more came than {channel} takes one by one"
    told: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        told.setdefault((alert.filing.accession, alert.headline), []).append(alert)
    lines = [_line(same) for same in told.values()]
    return _notice("burst", channel, alerts, lines, headline, at)


def digest_message(digest: Notice, workspace: WorkspaceId) -> Message:
    """*digest* as it is kept."""
    return Message(id=digest.id, kind=MessageKind.DIGEST, workspace=workspace, value=encode(digest))


def _notice(
    name: str, channel: str, ordered: Sequence[Alert], lines: Sequence[str], headline: str, at: datetime
) -> Notice:
    links = [(alert.filing.accession, alert.filing.links.index) for alert in ordered[:_TOLD]]
    return Notice(
        id=notice_id(NoticeKind.DIGEST, f"{name}/{channel}/{ordered[0].id}/{len(ordered)}", at, cleared=False),
        kind=NoticeKind.DIGEST,
        subject=name,
        cleared=False,
        headline=headline,
        lines=tuple(lines),
        links=tuple(dict.fromkeys(links)),
        at=at,
    )
