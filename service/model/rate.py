"""At most so many in any hour: how many there is room for, and when there is room again. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

MOST_AN_HOUR = 600  # that can be asked for: ten a minute

_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT = timedelta(microseconds=1)


def room(taken: Sequence[datetime], most: int, now: datetime) -> int:
    """How many more may go, of *most* in an hour, where the last went when *taken* says."""
    return max(0, most - sum(one > now - _HOUR for one in taken[-most:]))


def again(taken: Sequence[datetime], most: int, now: datetime) -> datetime:
    """When there is room for one more in the hour before it."""
    running = [one for one in taken[-most:] if one > now - _HOUR]
    return (running[0] if len(running) == most else now) + _HOUR


def instants(recent: Sequence[int] | None) -> list[datetime]:
    """When the last went, as it is kept: in microseconds."""
    return [_EPOCH + one * _KEPT for one in recent or ()]


def followed(recent: Sequence[int] | None, at: datetime, most: int) -> list[int]:
    """What is to be kept once another went *at* that time."""
    return [*(recent or ()), (at - _EPOCH) // _KEPT][-most:]
