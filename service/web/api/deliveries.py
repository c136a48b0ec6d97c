"""Deliveries: where each stands, every attempt, and sending it again."""

from datetime import datetime
from http import HTTPStatus

from msgspec import Struct

from service.control import deliveries
from service.model.circuit import Circuit
from service.model.delivery import Beyond, DeliveryState
from service.model.message import MessageKind
from service.model.person import Scope
from service.store.ledger import Chosen, Delivery, Place, Try
from service.web.api.rules import filing
from service.web.endpoint import Answer, Call, Endpoint
from service.web.paging import Limit, Moment, behind, part
from service.web.problems import FaultShown, Refusal


class DeliveriesAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which deliveries are asked for: those for which everything holds that is given."""

    limit: Limit = 100
    cursor: str | None = None  # the `next` of the part before; null: the latest
    state: DeliveryState | None = None
    channel: str | None = None  # its id
    digest: str | None = None  # the id of one: what is told in it
    silence: str | None = None  # the id of one: what it keeps, or kept, from being told
    filing: str | None = None  # an accession number, or EDGAR's link to the filing
    since: Moment | None = None  # owed then or later
    until: Moment | None = None  # owed before


class DeliveryShown(Struct, frozen=True, kw_only=True):
    """One message, and one channel."""

    message: str  # its id, which is an alert's, and a webhook's
    kind: MessageKind
    channel: str  # its id
    channel_name: str
    state: DeliveryState
    accession: str | None  # null: it is no alert
    rule: str | None  # its name then; null: it is no alert
    owed: datetime
    tries: int
    reason: str | None  # why the last try failed, or it is suppressed; null: none has failed
    due: datetime | None  # when the next try is; null: there will be none
    circuit: Circuit | None  # its channel's, which is open, so that it waits; null: that is closed, or it waits no more
    settled: datetime | None  # when it was delivered or given up; null: it is pending
    silence: str | None  # the id of the silence that keeps, or kept, it from being told; null: none did
    told_in: str | None  # the digest that tells it together with others; null: it is a message of its own
    told_with: str | None  # the alert in whose message it was told; null: it was a message of its own
    gathered: bool  # it waits for the next digest of its channel
    beyond: Beyond | None  # whose maximum an hour has, or had, it told in a digest; null: nobody's
    held_until: datetime | None  # its channel's quiet hours, or its digest, hold it until then; null: they do not
    last: Try | None  # null: not tried yet, or so long ago that it is not kept


class Deliveries(Struct, frozen=True, kw_only=True):
    """Deliveries, latest first."""

    items: tuple[DeliveryShown, ...]
    next: str | None  # the cursor of the next part; null: this was the last


class DeliveryWhole(Struct, frozen=True, kw_only=True):
    """A delivery, and every attempt that is kept."""

    delivery: DeliveryShown
    tries: tuple[Try, ...]


class Resent(Struct, frozen=True, kw_only=True):
    """Whether a delivery is owed again."""

    owed: bool  # false: it is pending, was told together with others, or its body is kept no more


class ResendWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which deliveries those that were given up are sent again: everything holds that is given."""

    channel: str | None = None  # its id; null: of any, and then a time is needed
    since: Moment | None = None  # owed then or later
    until: Moment | None = None  # owed before
    delivered: bool = False  # also those that arrived


class ResentByChannel(Struct, frozen=True, kw_only=True):
    """What is owed again, oldest first, in between what is new."""

    counts: dict[str, int]  # by the ids of channels
    gone: int  # alerts whose body is kept no more
    last: datetime | None  # when the last of them is due; null: there are none


def shown(one: Delivery) -> DeliveryShown:
    """*one* as it is shown."""
    same = {name: getattr(one, name) for name in DeliveryShown.__struct_fields__ if name != "message"}
    return DeliveryShown(message=one.id, **same)


async def _list(call: Call) -> Answer:
    asked: DeliveriesAsked = call.query
    meant = Chosen(
        states=(asked.state,) if asked.state else (),
        channels=(asked.channel,) if asked.channel else None,
        since=asked.since,
        until=asked.until,
        digest=asked.digest,
        silences=(asked.silence,) if asked.silence is not None else (),
        accessions=(filing(asked.filing, "filing"),) if asked.filing is not None else (),
    )
    last: Place | None = behind(asked.cursor, Place)
    found = await deliveries.page(call.context.database, call.asker.workspace, meant, asked.limit + 1, last)
    items, following = part(found, asked.limit, lambda one: (one.owed, one.id, one.channel))
    return Answer(content=Deliveries(items=tuple(map(shown, items)), next=following))


async def _show(call: Call) -> Answer:
    way = await _found(call)
    return Answer(content=DeliveryWhole(delivery=shown(way.delivery), tries=way.tries))


async def _resend(call: Call) -> Answer:
    meant = _chosen((await _found(call)).delivery)
    resent = await deliveries.resend(call.context.database, meant, delivered=True, silenced=True, asked=call.asked)
    return Answer(content=Resent(owed=bool(resent.counts)))


async def _resend_several(call: Call) -> Answer:
    wanted: ResendWanted = call.body
    if not (wanted.channel or wanted.since or wanted.until):
        fault = FaultShown(path=("channel",), message="name a channel, or a time")
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "faulty", "say which deliveries are meant", (fault,))
    database, workspace = call.context.database, call.asker.workspace
    meant = await deliveries.chosen(database, workspace, channel=wanted.channel, since=wanted.since, until=wanted.until)
    again = await deliveries.resend(database, meant, delivered=wanted.delivered, asked=call.asked)
    return Answer(content=ResentByChannel(counts=again.counts, gone=again.gone, last=again.last))


async def _acknowledge(call: Call) -> Answer:
    meant = _chosen((await _found(call)).delivery)
    await deliveries.acknowledge(call.context.database, meant, call.context.clock.now(), asked=call.asked)
    return Answer()


async def _found(call: Call) -> deliveries.DeliveryWay:
    return await deliveries.one(call.context.database, call.asker.workspace, call.path["message"], call.path["channel"])


def _chosen(one: Delivery) -> Chosen:
    return Chosen(ids=(one.id,), channels=(one.channel,))


_ONE = "/deliveries/{message}/{channel}"

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/deliveries",
        name="list_deliveries",
        summary="List the deliveries, latest first",
        scope=Scope.READ,
        handler=_list,
        asks=DeliveriesAsked,
        gives=Deliveries,
    ),
    Endpoint(
        method="POST",
        path="/deliveries/resend",
        name="resend_deliveries",
        summary="Send again those of a channel or a time that were given up, oldest first, in between what is new",
        scope=Scope.WRITE,
        handler=_resend_several,
        takes=ResendWanted,
        gives=ResentByChannel,
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        name="show_delivery",
        summary="Show a delivery, by the ids of its message and channel, with every attempt",
        scope=Scope.READ,
        handler=_show,
        gives=DeliveryWhole,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/resend",
        name="resend_delivery",
        summary="Send one that is dead, silenced or was delivered, under its id",
        scope=Scope.WRITE,
        handler=_resend,
        gives=Resent,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/acknowledge",
        name="acknowledge_delivery",
        summary="Say that somebody has seen to a dead one: it is counted no more",
        scope=Scope.WRITE,
        handler=_acknowledge,
    ),
)
