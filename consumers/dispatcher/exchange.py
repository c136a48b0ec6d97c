"""One try at a delivery, from its stored value to what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar

import structlog
from msgspec.structs import replace

from consumers.dispatcher.channels import Channel
from consumers.dispatcher.channels.channel import Keeping, MessagePlace
from consumers.dispatcher.guard import Guard, our_fault
from consumers.dispatcher.outcome import Outcome, judged
from consumers.dispatcher.post import Answer, NoAnswer
from service.model.alert import Alert
from service.model.delivery import Reason
from service.model.message import MessageKind
from service.model.notice import Notice
from service.wire import decode

Content = Alert | Notice
Kept = TypeVar("Kept", bound=Keeping)

SEARCH = timedelta(seconds=5)  # the longest that it takes to look for what may have arrived
_AGAIN = "Sent again: "
_ALERTS = {MessageKind.ALERT, MessageKind.TEST}

log = structlog.get_logger()


@cache
def keeps(kind: type[Channel]) -> bool:
    """Whether channels of this class name what they take; to ask a protocol costs a tenth of a request."""
    return issubclass(kind, Keeping)


async def exchange(
    channel: Channel,
    guard: Guard,
    kind: MessageKind,
    body: bytes,
    now: datetime,
    others: Sequence[bytes] = (),
    *,
    simply: bool = False,
    trusted: bool = False,
    again: bool = False,
    place: Callable[[Content], Awaitable[MessagePlace]] | None = None,
) -> tuple[Outcome, Content | None]:
    """Send the message of that *kind* and *body* to *channel* once; returns the content too, if it can be read.

    *others* are alerts on the same filing or trade, for a channel that takes them together. With *simply* all go in the
    simplest form that the channel has. *trusted*: the operator's file names the channel's address. *again*: an earlier
    try may have arrived, which the message says where its service cannot tell the two apart. *place* says where the
    content stands: what was told of its trade before, and how that is answered.

    Whatever happens is an outcome. A fault of ours is one that is tried again and recorded: it must neither lose the
    alert, nor hold up others, nor repeat a request that nobody hears of.
    """
    content: Content | None = None
    try:
        content = decode(body, Alert) if kind in _ALERTS else decode(body, Notice)
        more = [decode(value, Alert) for value in others]
        further = isinstance(content, Alert) and content.first_told_by is not None
        if place is not None and (further or keeps(type(channel))):
            found = await place(content)
            if isinstance(content, Alert) and further:
                found = replace(found, behind=None, thread=None) if channel.every_filing else found
                content = replace(content, follows=found.behind)  # in few words where its trade was told; else in full
            if isinstance(channel, Keeping):
                channel = await _placed(channel, guard, content, found, trusted=trusted)
        if again and channel.tells_again:
            content = replace(content, headline=f"{_AGAIN}{content.headline}")
        if simply and channel.simply is not None:
            request = channel.simply([content, *more], now)
        elif isinstance(content, Alert) and more and channel.together is not None:
            request = channel.together([content, *more], now)
        else:
            request = channel.request(content, body, now)
        return channel.judge(await guard.post(request, trusted=trusted)), content
    except Exception as error:
        log.exception("delivery_failed_inside")
        return judged(NoAnswer(reason=Reason.OUR_FAULT, detail=our_fault(error))), content


async def _placed(channel: Kept, guard: Guard, content: Content, place: MessagePlace, *, trusted: bool) -> Kept:
    """*channel* for what stands in *place*; what may have arrived already is looked for, and then written anew."""
    channel = channel.placed(place)
    if not place.unsure:
        return channel
    answer: Answer | NoAnswer = NoAnswer(reason=Reason.TIMEOUT, detail="no answer in time")
    with suppress(TimeoutError):
        async with asyncio.timeout(SEARCH.total_seconds()):
            answer = await guard.post(channel.search(content), trusted=trusted)
    return channel.placed(replace(place, stands=channel.found(content, answer)))
