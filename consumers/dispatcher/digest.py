"""Alerts told in one message: those on filings of the past, and those that come faster than a channel takes them."""

from collections.abc import Sequence
from datetime import datetime

from service.model.alert import Alert
from service.model.notice import Notice, NoticeKind, notice_id
from service.words import counted

BURST = 20  # alerts in a digest of a burst: as many as Slack shows each with its line and its link

_TOLD = 40  # alerts named in a digest of the past; the others are counted


def of_the_past(name: str, channel: str, alerts: Sequence[Alert], at: datetime) -> Notice:
    """The message to *channel* that tells the alerts of the digest *name* together, by the day of their filing."""
    ordered = sorted(alerts, key=lambda alert: (alert.filing.filed_on or at.date(), alert.filing.accession))
    days = sorted(alert.filing.filed_on for alert in ordered if alert.filing.filed_on)
    span = f", filed {days[0]} to {days[-1]}" if days else ""
    return _notice(name, channel, ordered, f"{name}: {counted(len(ordered), 'alert')} on filings of the past{span}", at)


def of_a_burst(channel: str, alerts: Sequence[Alert], at: datetime) -> Notice:
    """The message to *channel* that tells *alerts* in their order, at most as many as are named."""
    headline = f"{counted(len(alerts), 'alert')} in one message: more came than {channel} takes one by one"
    return _notice("burst", channel, alerts, headline, at)


def _notice(name: str, channel: str, ordered: Sequence[Alert], headline: str, at: datetime) -> Notice:
    lines = [f"{alert.filing.filed_on or ''} {alert.rule}: {alert.headline}".strip() for alert in ordered[:_TOLD]]
    if len(ordered) > _TOLD:
        lines.append(f"and {len(ordered) - _TOLD} more: filingbell tail form4.alerts --from-beginning")
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
