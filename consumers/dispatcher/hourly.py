"""How many messages a channel takes in an hour; what comes beyond is told together once there is room. Pure."""

from collections.abc import Sequence
from datetime import datetime

from consumers.dispatcher.gather import Group
from service.model import rate
from service.model.message import MessageKind


def within(
    groups: Sequence[Group], taken: Sequence[datetime], most: int, now: datetime
) -> tuple[list[Group], list[Group]]:
    """Which of *groups*, each a message, may go by themselves, and which are told together once there is room.

    *taken* is when the channel took its last *most* messages. Urgent alerts, digests and notices always go; they count
    among what was taken, as all messages do.
    """
    room = rate.room(taken, most, now)
    go: list[Group] = []
    over: list[Group] = []
    for group in groups:
        if not _is_bounded(group):
            go.append(group)
        elif room:
            go.append(group)
            room -= 1
        else:
            over.append(group)
    return go, over


def _is_bounded(group: Group) -> bool:
    return all(one.kind is MessageKind.ALERT and not one.urgent for one in group)
