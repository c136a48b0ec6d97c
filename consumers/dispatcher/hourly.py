"""How many messages a channel takes in an hour; what comes beyond is told together once there is room. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from consumers.dispatcher.gather import Group
from service.model.message import MessageKind

_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def within(
    groups: Sequence[Group], taken: Sequence[datetime], most: int, now: datetime
) -> tuple[list[Group], list[Group]]:
    """Which of *groups*, each a message, may go by themselves, and which are told together once there is room.

    *taken* is when the channel took its last *most* messages. Urgent alerts, digests and notices always go; they count
    among what was taken, as all messages do.
    """
    room = max(0, most - sum(one > now - _HOUR for one in taken[-most:]))
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


def again(taken: Sequence[datetime], most: int, now: datetime) -> datetime:
    """When there is room for one message more in the hour before it."""
    running = [one for one in taken[-most:] if one > now - _HOUR]
    return (running[0] if len(running) == most else now) + _HOUR


def instants(recent: Sequence[int] | None) -> list[datetime]:
    """When a channel took its last messages, as its state keeps it."""
    return [_EPOCH + timedelta(microseconds=one) for one in recent or ()]


def _is_bounded(group: Group) -> bool:
    return all(one.kind is MessageKind.ALERT and not one.urgent for one in group)
