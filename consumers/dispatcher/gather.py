"""What goes to a channel in one request. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice, takewhile

from consumers.dispatcher.digest import BURST
from service.model.delivery import Reason
from service.model.message import MessageKind
from service.store.claims import DueDelivery, Owed

Group = tuple[DueDelivery, ...]

_PATIENCE = timedelta(minutes=1)
_UNKNOWN = frozenset({Reason.TIMEOUT, Reason.NO_CONNECTION, Reason.SERVER_ERROR, Reason.OUR_FAULT})  # it may be there


def by_trade(waiting: Sequence[DueDelivery], *, every_filing: bool = False) -> list[Group]:
    """The rules' alerts on one trade in one message, in the order of the first of them; a notice is its own.

    With *every_filing* those on one filing. What may have arrived leads, so that it comes again under the same id.
    """
    groups: dict[str, list[DueDelivery]] = {}
    for one in waiting:
        trade = None if every_filing else one.trade
        groups.setdefault(trade or one.accession or one.message, []).append(one)
    return [tuple(sorted(group, key=lambda one: not unsure(one))) for group in groups.values()]


def unsure(one: DueDelivery | Owed) -> bool:
    """Whether an earlier try at *one* may have arrived."""
    return one.lost or one.reason in _UNKNOWN


def may_stand(one: Owed) -> bool:
    """Whether nobody can say if an earlier try at *one* has arrived: its worker died, or no answer came in time."""
    return one.lost or one.reason == Reason.TIMEOUT


def burst(groups: Sequence[Group], interval: timedelta, now: datetime) -> Group:
    """What is to be told in one digest: the oldest, as many as it names; empty: each message goes by itself.

    A digest is due when what waits would take more than two minutes, or has waited for one and would take more than
    another: the last of it must not come when nobody can use it any more.
    """
    takes = len(groups) * interval
    if takes <= _PATIENCE or (takes <= 2 * _PATIENCE and groups[0][0].created > now - _PATIENCE):
        return ()
    alerts = takewhile(lambda group: group[0].kind is MessageKind.ALERT, groups)  # others keep their place
    told = list(islice(alerts, BURST))
    return tuple(one for group in told for one in group) if len(told) > 1 else ()
