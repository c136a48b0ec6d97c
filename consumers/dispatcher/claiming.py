"""Claims what is due to several channels in one transaction, and decides what goes in one message."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

import structlog
from msgspec import Struct

from consumers.dispatcher import companions, gather, hourly
from consumers.dispatcher.digest import digest_message, of_a_burst
from consumers.dispatcher.kept import readable
from consumers.dispatcher.lane import Lane, Message
from consumers.dispatcher.silence import covering
from service.model import rate
from service.model.delivery import Obligation, Suppression
from service.model.identity import ChannelId
from service.model.message import MessageKind
from service.model.silence import Silence
from service.store import Database, Transaction, channels, claims, deliveries, gathered, holds, messages, silences
from service.store.claims import CLAIM, DueDelivery

_WINDOW = 500  # deliveries in which those of one filing find each other
_GATHERING = 8  # channels at once of which so many are looked at
_BUSY = timedelta(seconds=0.1)  # until the next look where another worker holds what is due

log = structlog.get_logger()


class Claimed(Struct, frozen=True, kw_only=True):
    """What a claim brought for one channel."""

    messages: tuple[Message, ...] = ()
    more: bool = False  # it got all that it asked for
    again: datetime | None = None  # when to look again; None: once what is in flight is through, or somebody rings


def fits(lane: Lane, others: Sequence[Lane]) -> bool:
    """Whether *lane* is claimed for together with *others*: of those that gather only so many are looked at at once."""
    return not _gathers(lane) or sum(map(_gathers, others)) < _GATHERING


async def claim(
    database: Database, lanes: Sequence[Lane], now: datetime, longest: timedelta
) -> Mapping[ChannelId, Claimed]:
    """What is due by *now* to each of *lanes*, as far as it has room, claimed: no other worker sends it meanwhile.

    The lanes' states are those of the database then.
    """
    found: dict[ChannelId, Claimed] = {}
    paced = any(lane.addressee.channel.interval for lane in lanes)  # what is told in a digest must last
    async with database.transaction(urgent=True, lasting=paced) as tx:
        free = await _free(tx, lanes, now, longest, found)
        rooms = {lane.addressee.id: lane.room for lane in free}  # which grow while requests end
        waiting = await _waiting(tx, free, rooms, now)
        if not database.one_machine:  # what another transaction has recorded meanwhile: the channel may have to wait
            free = await _free(tx, free, now, longest, found)
        free = _in_turn(free, waiting, found, now)
        waits_on = await companions.join(tx, free, waiting, now)
        workspaces = {lane.addressee.workspace for lane in free if lane.addressee.id in waiting}
        silenced = await silences.active(tx, workspaces, now) if workspaces else []
        chosen: dict[ChannelId, list[tuple[DueDelivery, ...]]] = {}
        for lane in free:
            channel = lane.addressee.id
            told = await _told(tx, waiting.get(channel, ()), silenced, now)
            awake = await _awake(tx, lane, told, now)
            chosen[channel] = await _chosen(tx, lane, awake, rooms[channel], now)
        every = [one for groups in chosen.values() for group in groups for one in group]
        owed = await claims.take(tx, every, now + CLAIM)
        alone = [lane for lane in free if lane.alone and chosen[lane.addressee.id]]
        await claims.take_channels(tx, _with_siblings(alone), now + CLAIM)
        short = {channel for channel, groups in chosen.items() if len(groups) < rooms[channel]}
        following = await claims.following(tx, short, now) if short else {}
    for lane in free:
        channel = lane.addressee.id
        again = following.get(channel)
        found[channel] = Claimed(
            messages=tuple(tuple(owed[channel, one.message] for one in group) for group in chosen[channel]),
            more=channel not in short or channel in waits_on,
            again=again and max(again, now + _BUSY if again <= now else again),
        )
    return found


def _in_turn(
    lanes: Sequence[Lane], waiting: Collection[str], found: dict[ChannelId, Claimed], now: datetime
) -> list[Lane]:
    """*lanes* without those whose sibling has its turn: for which something waits, and which sent longest ago."""
    turns = {one.addressee.id: one.sent for one in lanes if one.siblings and one.addressee.id in waiting}
    kept = []
    for lane in lanes:
        channel = lane.addressee.id
        rivals = [(turns[one], one) for one in lane.siblings if one in turns] if channel in turns else []
        if rivals and min(rivals) < (lane.sent, channel):
            found[channel] = Claimed(again=now + _BUSY)
        else:
            kept.append(lane)
    return kept


def _with_siblings(lanes: Iterable[Lane]) -> set[ChannelId]:
    return {one for lane in lanes for one in lane.siblings or (lane.addressee.id,)}


async def _free(
    tx: Transaction, lanes: Sequence[Lane], now: datetime, longest: timedelta, found: dict[ChannelId, Claimed]
) -> list[Lane]:
    """Those of *lanes* to which a request may start now; when the others may be looked at again goes into *found*."""
    await deliveries.know(tx, {one for lane in lanes for one in lane.siblings})
    for states in (channels.read, channels.locked):  # those that take one request at a time are locked, and read again
        some = [lane for lane in lanes if lane.alone or states is channels.read]
        found_states = await states(tx, _with_siblings(some)) if some else {}
        for lane in some:
            lane.state = found_states.get(lane.addressee.id, lane.state)
    free = []
    for lane in lanes:
        at = lane.state.free(now, lane.addressee.channel.interval, CLAIM, longest)
        if at > now:
            found[lane.addressee.id] = Claimed(again=at)
        elif lane.room:
            free.append(lane)
        else:
            found[lane.addressee.id] = Claimed(more=True)
    return free


async def _waiting(
    tx: Transaction, lanes: Sequence[Lane], rooms: Mapping[ChannelId, int], now: datetime
) -> dict[str, list[DueDelivery]]:
    """What waits for each of *lanes*, longest due first; what is another workspace's is refused for good."""
    found: dict[str, list[DueDelivery]] = {}
    workspaces = {lane.addressee.id: lane.addressee.workspace for lane in lanes}
    for some, each in (
        ([one for one in lanes if _gathers(one)], _WINDOW),
        ([one for one in lanes if not _gathers(one)], max(rooms.values(), default=0)),
    ):
        if some:
            ids = [one.addressee.id for one in some]
            for one in await claims.waiting(tx, ids, now, each, each * len(ids)):
                if one.workspace == workspaces[ChannelId(one.channel)]:
                    found.setdefault(one.channel, []).append(one)
                else:
                    await deliveries.refuse(tx, one.message, one.channel, Suppression.ELSEWHERE, now)
                    log.error("delivery_refused", message=one.message, channel=one.channel)
    return found


async def _told(
    tx: Transaction, waiting: Sequence[DueDelivery], silenced: Sequence[Silence], now: datetime
) -> Sequence[DueDelivery]:
    """What of *waiting* somebody wants to be told: what was owed before a silence began is covered by it, too.

    What a person had sent again all the same is not.
    """
    since = {one.message: [found for found in silenced if found.created >= one.created] for one in waiting}
    meant = [one for one in waiting if one.kind is MessageKind.ALERT and one.silence is None and since[one.message]]
    if not meant:
        return waiting
    values = await messages.values(tx, [one.message for one in meant])
    kept = {
        one.message: by
        for one in meant
        if (alert := readable(values.get(one.message, b""))) and (by := covering(alert, since[one.message]))
    }
    await silences.suppress(
        tx, [(one.message, one.channel, kept[one.message]) for one in meant if one.message in kept], now
    )
    return [one for one in waiting if one.message not in kept]


async def _awake(tx: Transaction, lane: Lane, waiting: Sequence[DueDelivery], now: datetime) -> Sequence[DueDelivery]:
    """What of *waiting* may go now: what has come due in the channel's quiet hours is held until they end."""
    hours = lane.addressee.channel.quiet
    night = hours.around(now) if hours is not None else None
    if night is None:
        return waiting
    began, ends = night
    held = [one for one in waiting if not one.urgent and (one.held is None or one.held <= began)]
    await holds.hold(tx, [(one.channel, one.message) for one in held], ends)
    return [one for one in waiting if one not in held]


async def _chosen(
    tx: Transaction, lane: Lane, waiting: Sequence[DueDelivery], room: int, now: datetime
) -> list[tuple[DueDelivery, ...]]:
    """What of *waiting* goes now, and what of it in one message."""
    channel = lane.addressee.channel
    alone: list[gather.Group] = [(one,) for one in waiting]
    groups = alone if channel.together is None else gather.by_trade(waiting, every_filing=channel.every_filing)
    groups.sort(key=lambda group: not any(one.urgent for one in group))
    if channel.max_per_hour is not None:
        taken = rate.instants(lane.state.recent)
        groups, over = hourly.within(groups, taken, channel.max_per_hour, now)
        beyond = [one for group in over for one in group]
        await gathered.gather(tx, beyond, rate.again(taken, channel.max_per_hour, now))
    pressing = bool(groups) and any(one.urgent for one in groups[0])  # goes by itself, before others are told together
    told = gather.burst(groups, channel.interval, now) if channel.interval and not pressing else ()
    if told and (digest := await _digest(tx, lane, told, now)):
        return [(digest,)]
    return list(islice(groups, room))


async def _digest(tx: Transaction, lane: Lane, told: gather.Group, now: datetime) -> DueDelivery | None:
    """Owe one message instead of *told*, which settle with it; None: none of them can be read."""
    channel, name = lane.addressee.id, lane.addressee.name
    values = await messages.values(tx, [one.message for one in told])
    alerts = {one.message: alert for one in told if (alert := readable(values.get(one.message, b"")))}
    if not alerts:
        return None
    notice = of_a_burst(name, list(alerts.values()), now)
    at = told[0].created
    await messages.keep(tx, [digest_message(notice, lane.addressee.workspace)], now)
    await deliveries.keep(tx, [(notice.id, Obligation(channel=channel, due=at))], at)
    await claims.join(tx, channel, list(alerts), notice.id)
    log.info("digest_owed", digest=notice.id, channel=name, alerts=len(alerts))
    return DueDelivery(
        message=notice.id,
        channel=channel,
        workspace=lane.addressee.workspace,
        kind=MessageKind.DIGEST,
        accession=None,
        created=at,
        due=at,
        planned=None,
        tries=0,
        steps=0,
        reason=None,
        held=told[0].held,
    )


def _gathers(lane: Lane) -> bool:
    channel = lane.addressee.channel
    return bool(channel.interval) or channel.together is not None or channel.max_per_hour is not None
