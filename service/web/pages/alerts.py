"""Alerts: the list, and one with why it rang, what was sent, and where it stands with each channel."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from consumers.dispatcher.render import rendering
from consumers.dispatcher.seen import SeenPart
from service.control import alerts, deliveries, resources
from service.control.deliveries import DeliveryWay
from service.control.feeds import Feeds
from service.control.sent import as_sent, told_in_one
from service.control.tape_filter import company
from service.model.alert import Alert
from service.model.delivery import DeliveryState
from service.model.filing import Accession, accession_of
from service.model.identity import RuleId
from service.model.person import Scope
from service.model.resource import Resource, ResourceKind
from service.model.rule import Priority
from service.store.alerts import KeptAlert, Place, WantedAlerts
from service.store.ledger import Chosen
from service.web.pages import told
from service.web.pages.claims import MOST, claims
from service.web.pages.deliveries import STATES
from service.web.pages.live import Live, Showing
from service.web.pages.narrowing import Narrowing
from service.web.pages.page import Look, Page, Shown
from service.web.pages.previewing import bounded
from service.web.pages.told import Told
from service.web.paging import behind, part
from service.wire import decode
from service.wire.topics import Record, workspace_of

_SIZE = 50
_CHANNELS = 5000  # deliveries of the alerts on a page


class Headline(Struct, frozen=True):
    """What of an alert a list tells."""

    headline: str
    priority: Priority = Priority.NORMAL


class AlertLine(Struct, frozen=True, kw_only=True):
    """An alert in a list."""

    alert: KeptAlert
    headline: str  # empty: longer ago than the database keeps what it said
    urgent: bool
    channels: tuple[tuple[str, Told], ...]  # by name
    is_new: bool = False  # its channels are not decided yet
    others: tuple["AlertLine", ...] = ()  # the same rule's alerts on further filings on the trade, in their order


class SentAlert(Struct, frozen=True, kw_only=True):
    """An alert, and a channel."""

    way: DeliveryWay
    told: Told
    parts: Sequence[SeenPart]  # the message as it is seen; empty: nobody knows any more
    body: str | None  # as it is sent; None: likewise
    others: tuple[Alert, ...]  # what the same message tells besides


async def listed(look: Look) -> Shown:
    """Every alert, the latest first; those that come are put on top."""
    database, workspace = look.context.database, look.who.workspace
    after = await ALERTS.position(look)
    asked = Narrowing("/alerts", look.query)
    wanted = WantedAlerts(
        accession=asked.read("filing", accession_of, "Write an accession number, or EDGAR's link to the filing."),
        keys=await _company(look, asked),
        rule=await _rule(look, asked),
        since=asked.since("since"),
        before=asked.through("until"),
        channels=(asked.text("channel"),) if asked.text("channel") else None,
        state=asked.read("state", DeliveryState, "There is no such state."),
    )
    last: Place | None = behind(asked.cursor, Place)
    found = await alerts.page(database, workspace, wanted, _SIZE + 1, last)
    items, following = part(found, _SIZE, lambda one: one.place)
    return Shown(
        template="alerts.html",
        values={
            "lines": await _lines(look, items),
            "asked": asked,
            "next": asked.next(following),
            "after": None if asked or asked.cursor else after,
            "channels": await resources.of_kind(database, workspace, ResourceKind.CHANNEL),
            "states": STATES,
        },
    )


async def alert(look: Look) -> Shown:
    """One alert: what it says, why it rang, and where it stands with each channel."""
    database, workspace = look.context.database, look.who.workspace
    found = await alerts.find(database, workspace, look.path["alert"])
    trade = await alerts.of_trade(database, workspace, found)
    whole = {one.id: decode(one.value, Alert) for one in (*trade, found) if one.value is not None}
    said = whole.get(found.id)
    owed = await deliveries.page(database, workspace, Chosen(ids=(found.id,)), _CHANNELS)
    others = tuple(one.id for one in trade if one.id != found.id)
    beside = await deliveries.page(database, workspace, Chosen(ids=others), _CHANNELS) if others else []
    ways = await deliveries.ways_of(database, sorted(owed, key=lambda one: one.channel_name))
    known = {one.id: one for one in await resources.of_kind(database, workspace, ResourceKind.CHANNEL)}
    every = claims(said.explanation) if said else []
    return Shown(
        template="alert.html",
        values={
            "alert": found,
            "whole": said,
            "words": rendering(said) if said else None,
            "claims": every[:MOST],
            "more": max(0, len(every) - MOST),
            "trade": [_line(one, ()) for one in trade if one.id != found.id and one.rule_id == found.rule_id],
            "channels": [
                _sent(look, way, known.get(way.delivery.channel), told_in_one(way.delivery, whole, [*owed, *beside]))
                for way in ways
            ],
        },
    )


async def _company(look: Look, asked: Narrowing) -> list[str] | None:
    """What the tape has the filings of the company by that the list is narrowed to."""
    if not asked.text("company"):
        return None
    try:
        return await company(look.context.database, asked.text("company"))
    except ValueError as error:
        asked.faults["company"] = str(error)
        return None


async def _rule(look: Look, asked: Narrowing) -> RuleId | None:
    """The rule that the list is narrowed to, by its name or id."""
    if not asked.text("rule"):
        return None
    found = await alerts.rules_called(look.context.database, look.who.workspace, asked.text("rule"))
    if not found:
        asked.faults["rule"] = "No rule has, or had, this name."
        return None
    return found[0]


async def _lines(look: Look, found: Sequence[KeptAlert]) -> list[AlertLine]:
    """*found* with how it stands with their channels."""
    ids = tuple(one.id for one in found)
    owed = await deliveries.page(look.context.database, look.who.workspace, Chosen(ids=ids), _CHANNELS) if ids else []
    channels: defaultdict[str, list[tuple[str, Told]]] = defaultdict(list)
    for one in sorted(owed, key=lambda one: one.channel_name):
        channels[one.id].append((one.channel_name, told.of_delivery(one)))
    return _by_trade([_line(one, channels[one.id]) for one in found])


def _by_trade(lines: Iterable[AlertLine]) -> list[AlertLine]:
    """*lines*, latest first, with those of a rule on one trade under the first filing's, where the latest stood."""
    trades: defaultdict[object, list[AlertLine]] = defaultdict(list)
    for line in lines:
        trades[line.alert.rule_id, line.alert.trade or line.alert.accession].append(line)
    ordered = (sorted(of, key=_place) for of in trades.values())
    return [replace(first, others=tuple(others)) for first, *others in ordered]


def _place(line: AlertLine) -> tuple[bool, datetime, Accession]:
    """Where it stands on its trade: alerts of a moment have one time."""
    return line.alert.trade is not None, line.alert.created, line.alert.accession


def _line(one: KeptAlert, channels: Iterable[tuple[str, Told]]) -> AlertLine:
    said = None if one.value is None else decode(one.value, Headline)
    return AlertLine(
        alert=one,
        headline=said.headline if said else "",
        urgent=said is not None and said.priority is Priority.URGENT,
        channels=tuple(channels),
    )


def _sent(look: Look, way: DeliveryWay, channel: Resource | None, told_too: Sequence[Alert]) -> SentAlert:
    message = as_sent(look.context.vault, channel, told_too, look.context.clock.now()) if channel and told_too else None
    return SentAlert(
        way=way,
        told=told.of_delivery(way.delivery),
        parts=message.parts if message else (),
        body=None if message is None else bounded(message.body),
        others=tuple(one for one in told_too if one.id != way.delivery.id),
    )


async def _shows(look: Look) -> Showing[Record]:
    def show(record: Record) -> Shown | None:
        if workspace_of(record) != look.who.workspace:
            return None
        one = decode(record.value, Alert)
        at = datetime.fromisoformat(record.headers["ce_time"])
        kept = KeptAlert(
            id=one.id,
            created=at,
            accession=one.filing.accession,
            trade=one.first_told_by,
            rule=one.rule,
            rule_id=one.rule_id,
            value=record.value,
            place=(at, one.id),
        )
        line = AlertLine(
            alert=kept, headline=one.headline, urgent=one.priority is Priority.URGENT, channels=(), is_new=True
        )
        return Shown(template="alerts-row.html", values={"line": line})

    return show


ALERTS = Live(path="/live/alerts", name="live_alerts", scope=Scope.READ, feed=Feeds.alerts, shows=_shows)
"""The alerts of a workspace, as they come."""

PAGES = (
    Page(method="GET", path="/alerts", name="alerts", title="Alerts", scope=Scope.READ, handler=listed),
    Page(method="GET", path="/alerts/{alert}", name="alert", title="Alert", scope=Scope.READ, handler=alert),
)
