"""What comes due on a trade while an alert on it is under way: it goes with that, or waits until that is through."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from consumers.dispatcher.lane import Lane
from service.model.delivery import Reason
from service.model.identity import ChannelId
from service.store import Transaction, claims, underway
from service.store.claims import DueDelivery
from service.store.underway import UnderWay

_TOGETHER = 3  # tries of one, with another that has failed: from then on by itself, since that may be the trouble
_ITS_OWN = frozenset({Reason.OUR_FAULT, Reason.INVALID_MESSAGE})  # a message that fails by itself


async def join(
    tx: Transaction, lanes: Sequence[Lane], waiting: Mapping[str, list[DueDelivery]], now: datetime
) -> set[ChannelId]:
    """Have what is *waiting* go with what is to be tried again of its trade; returns for which channels some waits on.

    That is where the other is in flight, for seconds: what comes of it decides whether this is told in few words. What
    was to be tried again later is tried now, in the same request: it costs that no step of its schedule, and nobody
    waits. Of both it is the same rule's to tell.
    """
    queues = {
        channel: waiting[channel]
        for lane in lanes
        if (channel := lane.addressee.id) in waiting
        and lane.addressee.channel.together is not None
        and not lane.addressee.channel.every_filing
    }
    following = [(one.channel, one.message) for queue in queues.values() for one in queue if one.trade is not None]
    if not following:
        return set()
    due = {(one.channel, one.message): one for queue in queues.values() for one in queue}
    beside = [one for one in await underway.of_trades(tx, following, now) if one.key not in due]
    flown = {one.beside for one in beside if one.flying}
    again = [one for one in beside if one.beside not in flown and _goes_with(one, due[one.beside], now)]
    found = {(one.channel, one.message): one for one in await claims.before_time(tx, {one.key for one in again}, now)}
    flown |= {one.beside for one in again if one.key not in found}  # another worker has just taken it
    for one in again:
        if one.beside not in flown and (taken := found.pop(one.key, None)):
            queue = queues[ChannelId(one.channel)]
            queue.insert(queue.index(due[one.beside]), taken)
    for key in flown:
        queues[ChannelId(key[0])].remove(due[key])
    return {ChannelId(channel) for channel, _ in flown}


def _goes_with(one: UnderWay, other: DueDelivery, now: datetime) -> bool:
    """Whether *one*, which failed and would be tried again later, is tried with *other* now."""
    failed = one.tries > 0 and one.reason not in _ITS_OWN
    return failed and one.due > now and one.held is None and other.tries < _TOGETHER
