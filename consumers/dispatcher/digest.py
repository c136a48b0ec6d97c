"""Alerts told in one message: those on filings of the past, and those that come faster than a channel takes them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
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

_OF_A_COMPANY = 5  # filings of a company named in a digest of a channel; the others are counted
_OF_A_CHANNEL = "channel"  # the subject of a channel's digests, beside "burst" and the names of backfills
_TOLD = 40  # alerts named in a digest of the past; the others are counted


class All(Struct, frozen=True, kw_only=True):
    """What a digest of a channel is made of, of which it may tell a part."""

    key: str  # of which the digest's id is made
    title: str
    count: int  # alerts
    rules: Sequence[tuple[str, int]]  # by which they were met, the most first
    listed: str  # the command that lists them
    page: str | None  # where they are shown; None: no page shows them


def digest(decision: Decision, found: Provenance) -> Decision:
    """*decision*, for an alert on a filing *found* so: where a digest was asked for, the alert is told in it."""
    if found.digest is None or not isinstance(decision, Obligation):
        return decision
    return replace(decision, digest=found.digest, joins=None)


def of_the_past(name: str, channel: str, alerts: Sequence[Alert], at: datetime) -> Notice:
    """The message to *channel* that tells the alerts of the digest *name* together, by the day of their filing."""
    ordered = sorted(alerts, key=lambda alert: (alert.filing.filed_on or at.date(), alert.filing.accession))
    days = sorted(alert.filing.filed_on for alert in ordered if alert.filing.filed_on)
    span = f", filed {days[0]} to {days[-1]}" if days else ""
    lines = [_line([alert]) for alert in ordered[:_TOLD]]
    if len(ordered) > _TOLD:
        lines.append(f"and {len(ordered) - _TOLD} more: filingbell tail form4.alerts --from-beginning")
    headline = f"{name}: {counted(len(ordered), 'alert')} on filings of the past{span}"
    return _notice(f"{name}/{channel}/{ordered[0].id}/{len(ordered)}", name, ordered, lines, headline, at)


def _line(same: Sequence[Alert]) -> str:
    """What *same*, the alerts of several rules on one filing, have to tell."""
    rules = ", ".join(alert.rule for alert in same)
    return f"{same[0].filing.filed_on or ''} {rules}: {same[0].headline}".strip()


def of_a_burst(channel: str, alerts: Sequence[Alert], at: datetime) -> Notice:
    """The message to *channel* that tells *alerts* in their order, each filing in a line for all of its rules."""
    headline = f"{counted(len(alerts), 'alert')} in one message: more came than {channel} takes one by one"
    lines = [_line(same) for same in _filings(alerts)]
    return _notice(f"burst/{channel}/{alerts[0].id}/{len(alerts)}", "burst", alerts, lines, headline, at)


def digest_id(key: str, at: datetime) -> str:
    """The same digest has the same id, whoever makes it."""
    return notice_id(NoticeKind.DIGEST, key, at, cleared=False)


def of_a_channel(alerts: Sequence[Alert], all_told: All, at: datetime) -> Notice:
    """The message that tells a channel what it was to be told together: the companies with most first.

    Of a company it names a few filings and counts the others. *alerts* are as many as are read, *all_told* says how
    many there are; of none, it says so.
    """
    if not all_told.count:
        return _notice(all_told.key, _OF_A_CHANNEL, (), (), f"{all_told.title}: no alerts", at)
    companies: dict[str, list[Alert]] = {}
    for alert in alerts:
        companies.setdefault(alert.issuer.issuer_cik, []).append(alert)
    most_first = sorted(companies.values(), key=len, reverse=True)  # of as many, in the order in which they came
    lines: list[str] = []
    for found in most_first:
        filings = list(_filings(found))
        lines += [_by_rules(same) for same in filings[:_OF_A_COMPANY]]
        if (more := len(filings) - _OF_A_COMPANY) > 0:
            name = found[0].issuer.issuer_name or found[0].issuer.issuer_cik
            lines.append(f"{name}: {counted(more, 'more filing')}")
    told, left = lines[:_TOLD], all_told.count - len(alerts)
    if len(lines) > _TOLD or left > 0:
        told.append(f"and more: {counted(all_told.count, 'alert')} in all. To list them: {all_told.listed}")
    if len(all_told.rules) > 1:
        told.append(f"By rule: {', '.join(f'{rule} {count:,}' for rule, count in all_told.rules[:_TOLD])}")
    firms = f" on {counted(len(companies), 'company', 'companies')}" if not left else ""
    headline = f"{all_told.title}: {counted(all_told.count, 'alert')}{firms}"
    ordered = [alert for found in most_first for alert in found]
    notice = _notice(all_told.key, _OF_A_CHANNEL, ordered, told, headline, at)
    every = () if all_told.page is None else ((f"All {all_told.count:,}", all_told.page),)
    return replace(notice, links=(*every, *notice.links))


def _filings(alerts: Sequence[Alert]) -> Iterable[Sequence[Alert]]:
    """*alerts* by what they tell: those of several rules on one filing are told once."""
    told: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        told.setdefault((alert.filing.accession, alert.headline), []).append(alert)
    return told.values()


def _by_rules(same: Sequence[Alert]) -> str:
    return f"{same[0].headline} ({', '.join(alert.rule for alert in same)})"


def digest_message(digest: Notice, workspace: WorkspaceId) -> Message:
    """*digest* as it is kept."""
    return Message(id=digest.id, kind=MessageKind.DIGEST, workspace=workspace, value=encode(digest))


def _notice(key: str, name: str, ordered: Sequence[Alert], lines: Sequence[str], headline: str, at: datetime) -> Notice:
    links = [(alert.filing.accession, alert.filing.links.index) for alert in ordered[:_TOLD]]
    return Notice(
        id=digest_id(key, at),
        kind=NoticeKind.DIGEST,
        subject=name,
        cleared=False,
        headline=headline,
        lines=tuple(lines),
        links=tuple(dict.fromkeys(links)),
        at=at,
    )
