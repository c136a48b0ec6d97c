"""What goes to a channel in one request. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from consumers.dispatcher.digest import BURST
from service.store.claims import Waiting

Group = tuple[Waiting, ...]

_PATIENCE = timedelta(minutes=1)


def by_filing(waiting: Sequence[Waiting]) -> list[Group]:
    """The rules' alerts on one filing in one message, in the order of the first of them; a notice is its own."""
    groups: dict[str, list[Waiting]] = {}
    for one in waiting:
        groups.setdefault(one.accession or one.alert, []).append(one)
    return [tuple(group) for group in groups.values()]


def burst(groups: Sequence[Group], interval: timedelta, now: datetime) -> Group:
    """What is to be told in one digest: the oldest, as many as it names; empty: each message goes by itself.

    A digest is due when what waits has waited for a minute, and takes more than another: a reader who is a minute
    behind must not fall further back.
    """
    if not groups or groups[0][0].created > now - _PATIENCE or len(groups) * interval <= _PATIENCE:
        return ()
    told: list[Waiting] = []
    for group in takewhile(lambda group: group[0].accession is not None, groups):  # notices keep their place
        if len(told) + len(group) > BURST:
            break
        told += group
    return tuple(told) if len(told) > 1 else ()
