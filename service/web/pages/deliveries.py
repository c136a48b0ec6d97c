"""Deliveries: the list, and one with every attempt."""

from collections.abc import Iterable, Mapping

from service.control import deliveries, resources, tape
from service.model.delivery import DeliveryState
from service.model.errors import Faulty
from service.model.filing import Accession
from service.model.person import Scope
from service.model.resource import ResourceKind
from service.store.ledger import Chosen, Delivery, Place
from service.web.pages import told
from service.web.pages.narrowing import Narrowing
from service.web.pages.page import Look, Moved, Page, Shown
from service.web.paging import behind, part

STATES = (
    (DeliveryState.DELIVERED, "Delivered"),
    (DeliveryState.PENDING, "Waiting"),
    (DeliveryState.DEAD, "Given up"),
    (DeliveryState.SUPPRESSED, "Not sent"),
)
"""What people call the states of deliveries."""

_RANGE = ("channel", "since", "until")  # by which several are sent again
_SIZE = 50


async def listed(look: Look) -> Shown:
    """What was sent, waits, or was given up; the latest first."""
    database, workspace = look.context.database, look.who.workspace
    asked = Narrowing("/deliveries", look.query)
    meant = _meant(asked)
    last: Place | None = behind(asked.cursor, Place)
    found = await deliveries.page(database, workspace, meant, _SIZE + 1, last)
    items, following = part(found, _SIZE, lambda one: (one.owed, one.id, one.channel))
    return Shown(
        template="deliveries.html",
        values={
            "lines": [(one, told.of_delivery(one)) for one in items],
            "companies": await companies_of(look, items),
            "asked": asked,
            "next": asked.next(following),
            "channels": await resources.of_kind(database, workspace, ResourceKind.CHANNEL),
            "states": STATES,
            "narrowed": (narrowed := {name: asked.text(name) for name in _RANGE if asked.text(name)}),
            "may_resend": Scope.WRITE in look.who.scopes and narrowed and not (meant.digest or meant.silences),
        },
    )


def _meant(asked: Narrowing) -> Chosen:
    state = asked.read("state", DeliveryState, "There is no such state.")
    channel = asked.text("channel")
    return Chosen(
        states=(state,) if state else (),
        channels=(channel,) if channel else None,
        since=asked.since("since"),
        until=asked.through("until"),
        digest=asked.text("digest") or None,
        silences=(asked.text("silence"),) if asked.text("silence") else (),
    )


async def companies_of(look: Look, these: Iterable[Delivery]) -> Mapping[Accession, str]:
    """What the filings that they tell of are on, as far as the tape has them."""
    return await tape.companies(look.context.database, {one.accession for one in these if one.accession})


async def resend_several(look: Look) -> Moved:
    """Send again what was given up of those that the list was narrowed to, or all that is not waiting."""
    database, workspace = look.context.database, look.who.workspace
    typed = {name: look.form.text(name) for name in _RANGE}
    asked = Narrowing("/deliveries", typed)
    narrowed = _meant(asked)
    if asked.faults or not asked:
        raise Faulty("Nothing is sent again: narrow the list to a channel or to days first.", ())
    channel = narrowed.channels[0] if narrowed.channels else None
    meant = await deliveries.chosen(database, workspace, channel=channel, since=narrowed.since, until=narrowed.until)
    again = await deliveries.resend(database, meant, delivered=bool(look.form.text("delivered")), asked=look.asked)
    return Moved(to=asked.address, said=told.of_resent(again))


async def delivery(look: Look) -> Shown:
    """One message, and one channel: every attempt, and what can be done."""
    way = await _found(look)
    one = way.delivery
    return Shown(
        template="delivery.html",
        values={
            "one": one,
            "told": told.of_delivery(one),
            "tries": way.tries,
            "companies": await companies_of(look, [one]),
        },
    )


async def resend(look: Look) -> Moved:
    """Send it again, under its id."""
    one = (await _found(look)).delivery
    meant = Chosen(ids=(one.id,), channels=(one.channel,))
    again = await deliveries.resend(look.context.database, meant, delivered=True, silenced=True, asked=look.asked)
    said = "It is sent again, under the same id." if again.counts else _NOT_AGAIN
    return Moved(to=_back(look, one.id, one.channel), said=said)


async def acknowledge(look: Look) -> Moved:
    """Let it count no more as given up."""
    one = (await _found(look)).delivery
    meant = Chosen(ids=(one.id,), channels=(one.channel,))
    await deliveries.acknowledge(look.context.database, meant, look.context.clock.now(), asked=look.asked)
    return Moved(to=_back(look, one.id, one.channel), said="Acknowledged; it can still be sent again.")


_NOT_AGAIN = "It is not sent again: it waits already, or what it said is no longer kept."
_ONE = "/deliveries/{message}/{channel}"


def _back(look: Look, message: str, channel: str) -> str:
    """Where the form was: on the alert's page, or the delivery's."""
    return f"/alerts/{message}" if look.form.text("from") == "alert" else f"/deliveries/{message}/{channel}"


async def _found(look: Look) -> deliveries.DeliveryWay:
    return await deliveries.one(look.context.database, look.who.workspace, look.path["message"], look.path["channel"])


PAGES = (
    Page(method="GET", path="/deliveries", name="deliveries", title="Deliveries", scope=Scope.READ, handler=listed),
    Page(
        method="POST",
        path="/deliveries/resend",
        name="resend_deliveries",
        title="Deliveries",
        scope=Scope.WRITE,
        handler=resend_several,
        again=listed,
    ),
    Page(method="GET", path=_ONE, name="delivery", title="Delivery", scope=Scope.READ, handler=delivery),
    Page(
        method="POST",
        path=f"{_ONE}/resend",
        name="resend_delivery",
        title="Delivery",
        scope=Scope.WRITE,
        handler=resend,
        again=delivery,
    ),
    Page(
        method="POST",
        path=f"{_ONE}/acknowledge",
        name="acknowledge_delivery",
        title="Delivery",
        scope=Scope.WRITE,
        handler=acknowledge,
        again=delivery,
    ),
)
