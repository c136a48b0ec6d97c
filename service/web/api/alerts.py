"""Alerts, each with why it rang, and what became of it for each channel."""

from datetime import datetime

from msgspec import Struct

from service.control import alerts, deliveries
from service.control.tape_filter import company
from service.model.alert import Alert
from service.model.delivery import DeliveryState
from service.model.errors import Fault, Faulty
from service.model.identity import RuleId
from service.model.person import Scope
from service.store.alerts import KeptAlert, Place, WantedAlerts
from service.store.ledger import Chosen
from service.web.api.deliveries import DeliveryShown
from service.web.api.deliveries import shown as delivery_shown
from service.web.api.rules import filing
from service.web.endpoint import Answer, Call, Endpoint
from service.web.paging import MOST, Limit, Moment, behind, part
from service.wire import decode


class AlertsAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which alerts are asked for: those for which everything holds that is given."""

    limit: Limit = 50
    cursor: str | None = None  # the `next` of the part before; null: the latest
    filing: str | None = None  # an accession number, or EDGAR's link to the filing
    company: str | None = None  # its ticker, its CIK, or how words of its name begin
    rule: str | None = None  # its id
    since: Moment | None = None  # made then or later
    before: Moment | None = None  # made before
    channel: str | None = None  # its id: with a delivery to it
    state: DeliveryState | None = None  # with a delivery in this state


class AlertShown(Struct, frozen=True, kw_only=True):
    """An alert."""

    id: str
    created: datetime
    accession: str
    alert: Alert | None  # as on form4.alerts and in a webhook; null: longer ago than the database keeps it


class Alerts(Struct, frozen=True, kw_only=True):
    """Alerts, latest first."""

    items: tuple[AlertShown, ...]
    next: str | None  # the cursor of the next part; null: this was the last


class AlertWhole(Struct, frozen=True, kw_only=True):
    """An alert, and where its deliveries stand."""

    id: str
    created: datetime
    accession: str
    alert: Alert | None  # as on form4.alerts and in a webhook; null: longer ago than the database keeps it
    deliveries: tuple[DeliveryShown, ...]


async def _list(call: Call) -> Answer:
    asked: AlertsAsked = call.query
    wanted = WantedAlerts(
        keys=None if asked.company is None else await _company(call, asked.company),
        accession=None if asked.filing is None else filing(asked.filing, "filing"),
        rule=None if asked.rule is None else RuleId(asked.rule),
        since=asked.since,
        before=asked.before,
        channels=None if asked.channel is None else (asked.channel,),
        state=asked.state,
    )
    last: Place | None = behind(asked.cursor, Place)
    found = await alerts.page(call.context.database, call.asker.workspace, wanted, asked.limit + 1, last)
    items, following = part(found, asked.limit, lambda one: one.place)
    return Answer(content=Alerts(items=tuple(map(_shown, items)), next=following))


async def _company(call: Call, text: str) -> list[str]:
    try:
        return await company(call.context.database, text)
    except ValueError as error:
        raise Faulty("the query cannot be used:", (Fault(("company",), str(error)),)) from None


async def _show(call: Call) -> Answer:
    database, workspace = call.context.database, call.asker.workspace
    one = await alerts.find(database, workspace, call.path["alert"])
    ways = await deliveries.page(database, workspace, Chosen(ids=(one.id,)), MOST)
    shown = _shown(one)
    return Answer(
        content=AlertWhole(
            id=shown.id,
            created=shown.created,
            accession=shown.accession,
            alert=shown.alert,
            deliveries=tuple(map(delivery_shown, ways)),
        )
    )


def _shown(one: KeptAlert) -> AlertShown:
    alert = None if one.value is None else decode(one.value, Alert)
    return AlertShown(id=one.id, created=one.created, accession=one.accession, alert=alert)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/alerts",
        name="list_alerts",
        summary="List the alerts, latest first",
        scope=Scope.READ,
        handler=_list,
        asks=AlertsAsked,
        gives=Alerts,
    ),
    Endpoint(
        method="GET",
        path="/alerts/{alert}",
        name="show_alert",
        summary="Show an alert, and where its deliveries stand",
        scope=Scope.READ,
        handler=_show,
        gives=AlertWhole,
    ),
)
