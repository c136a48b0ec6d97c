"""Alerts told in one message: those on filings of the past, and those that come faster than a channel takes them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from consumers.dispatcher.retold import also_filed
from service.model.alert import Alert
from service.model.delivery import Decision, Obligation
from service.model.filing import Provenance
from service.model.identity import WorkspaceId
from service.model.message import Message, MessageKind
from service.model.notice import EventType, Notice, NoticeKind, notice_id
from service.wire import encode
from service.words import counted

BURST = 20  # trades in a digest of a burst: as many as Slack shows each with its line and its link

_OF_A_COMPANY = 5  # filings of a company named in a digest of a channel; the others are counted
_OF_A_CHANNEL = "channel"  # the subject of a channel's digests, beside "burst" and the names of backfills
_TOLD = 40  # alerts named in a digest of the past; the others are counted


class DigestContents(Struct, frozen=True, kw_only=True):
    """What a digest of a channel is made of, of which it may tell a part."""

    key: str  # of which the digest's id is made
    title: str
    alerts: int
    count: int  # of them where those of a rule on one trade are one
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
    lines = [_line(same) for same in told_once(ordered)]
    if len(lines) > _TOLD:
        lines[_TOLD:] = [f"and {len(lines) - _TOLD} more: filingbell tail form4.alerts --from-beginning"]
    headline = f"{name}: {counted(count(ordered), 'alert')} on filings of the past{span}"
    return _notice(f"{name}/{channel}/{ordered[0].id}/{len(ordered)}", name, ordered, lines, headline, at)


def _line(same: Sequence[Alert]) -> str:
    """What *same*, alerts on one filing or trade, have to tell."""
    return f"{same[0].filing.filed_on or ''} {_rules(same)}: {same[0].headline}{_also(same)}".strip()


def of_a_burst(channel: str, alerts: Sequence[Alert], at: datetime) -> Notice:
    """The message to *channel* that tells *alerts* in their order, each trade in a line for all of its rules."""
    headline = f"{_counted(alerts)} in one message: more came than {channel} takes one by one"
    lines = [_line(same) for same in told_once(alerts)]
    return _notice(f"burst/{channel}/{alerts[0].id}/{len(alerts)}", "burst", alerts, lines, headline, at)


def digest_id(key: str, at: datetime) -> str:
    """The same digest has the same id, whoever makes it."""
    return notice_id(NoticeKind.DIGEST, key, at, cleared=False)


def of_a_channel(alerts: Sequence[Alert], all_told: DigestContents, at: datetime) -> Notice:
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
        once = told_once(found)
        lines += [_by_rules(same) for same in once[:_OF_A_COMPANY]]
        if more := len({alert.filing.accession for same in once[_OF_A_COMPANY:] for alert in same}):
            name = found[0].issuer.issuer_name or found[0].issuer.issuer_cik
            lines.append(f"{name}: {counted(more, 'more filing')}")
    told, left = lines[:_TOLD], all_told.alerts - len(alerts)
    if len(lines) > _TOLD or left > 0:
        told.append(f"and more: {counted(all_told.count, 'alert')} in all. To list them: {all_told.listed}")
    if len(all_told.rules) > 1:
        told.append(f"By rule: {', '.join(f'{rule} {count:,}' for rule, count in all_told.rules[:_TOLD])}")
    firms = f" on {counted(len(companies), 'company', 'companies')}" if not left else ""
    headline = f"{all_told.title}: {counted(all_told.count, 'alert')}{firms}"
    ordered = [alert for found in most_first for alert in found]
    notice = _notice(all_told.key, _OF_A_CHANNEL, ordered, told, headline, at)
    every = () if all_told.page is None else ((f"All {all_told.alerts:,}", all_told.page),)
    return replace(notice, links=(*every, *notice.links))


def told_once(alerts: Iterable[Alert]) -> list[list[Alert]]:
    """*alerts* by what they tell: those of several rules on one filing are told once, and so is a trade.

    Where the rules find several things in a filing, each is told; who files the trade as well adds to one of them.
    """
    told: dict[tuple[str, str], list[Alert]] = {}
    trades: dict[str, dict[str, tuple[str, str]]] = {}  # by rule: where it is told
    for alert in alerts:
        places = trades.setdefault(_trade(alert), {})
        first = next(iter(places.values()), None)
        here = alert.filing.accession, alert.headline
        further = first is not None and first[0] != alert.filing.accession
        place = places.setdefault(alert.rule, first if further and first is not None else here)
        told.setdefault(place, []).append(alert)
    return list(told.values())


def count(alerts: Iterable[Alert]) -> int:
    """How many *alerts* there are to tell: those of a rule on one trade are one."""
    return len({(alert.rule_id, alert.rule, _trade(alert)) for alert in alerts})


def _trade(alert: Alert) -> str:
    """The filing that was the first on its trade."""
    return alert.first_told_by or alert.filing.accession


def _counted(alerts: Sequence[Alert]) -> str:
    """``20 alerts``; where filings tell of a trade once more ``20 alerts on 25 filings``."""
    again = any(alert.first_told_by is not None for alert in alerts)
    filings = f" on {counted(len({alert.filing.accession for alert in alerts}), 'filing')}" if again else ""
    return f"{counted(count(alerts), 'alert')}{filings}"


def _by_rules(same: Sequence[Alert]) -> str:
    return f"{same[0].headline} ({_rules(same)}){_also(same)}"


def _rules(same: Sequence[Alert]) -> str:
    return ", ".join(dict.fromkeys(alert.rule for alert in same))


def _also(same: Sequence[Alert]) -> str:
    """Who else filed what *same* tell, in a few words."""
    filed = also_filed(same[0], same[1:])
    return f"; also filed by {', '.join(filed)}" if filed else ""


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
        event=EventType.DIGEST,
    )
