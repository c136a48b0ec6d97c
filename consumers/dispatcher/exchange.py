"""One try at a delivery, from its stored value to what came of it."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from consumers.dispatcher.channels import Channel
from consumers.dispatcher.guard import Guard, our_fault
from consumers.dispatcher.outcome import Outcome, judged
from consumers.dispatcher.post import NoAnswer
from service.model.alert import Alert
from service.model.delivery import Reason
from service.model.message import MessageKind
from service.model.notice import Notice
from service.wire import decode

_ALERTS = {MessageKind.ALERT, MessageKind.TEST}

log = structlog.get_logger()


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
) -> tuple[Outcome, Alert | Notice | None]:
    """Send the message of that *kind* and *body* to *channel* once; returns the content too, if it can be read.

    *others* are alerts on the same filing, for a channel that takes them together. With *simply* all go in the
    simplest form that the channel has. *trusted*: the operator's file names the channel's address.

    Whatever happens is an outcome. A fault of ours is one that is tried again and recorded: it must neither lose the
    alert, nor hold up others, nor repeat a request that nobody hears of.
    """
    content: Alert | Notice | None = None
    try:
        content = decode(body, Alert) if kind in _ALERTS else decode(body, Notice)
        more = [decode(value, Alert) for value in others]
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
