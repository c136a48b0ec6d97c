"""What is sent again: in its order, beside what is new, and no faster than its channels take it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, bindparam, case, exists, or_, select, update

from service.model.delivery import DeliveryState, Suppression
from service.model.message import MessageKind
from service.store import bodies
from service.store.database import Transaction
from service.store.deliveries import bell
from service.store.ledger import Chosen, conditions
from service.store.schema import deliveries, messages

_CHUNK = 500  # messages in one statement
_LONGEST = timedelta(hours=6)  # from the first of what is sent again at once to the last
_NO_TEST = ~exists().where(messages.c.id == deliveries.c.message, messages.c.kind == MessageKind.TEST)
_AGAIN = (
    update(deliveries)
    .where(
        deliveries.c.message == bindparam("b_message"),
        deliveries.c.channel == bindparam("b_channel"),
        deliveries.c.state != DeliveryState.PENDING,
    )
    .values(
        state=DeliveryState.PENDING,
        reason=case((deliveries.c.state == DeliveryState.SUPPRESSED, None), else_=deliveries.c.reason),
        told_in=None,
        beyond=None,
        steps=0,
        due=bindparam("b_due", type_=deliveries.c.due.type),
        planned=None,
        settled=None,
        claimed=None,
        acknowledged=None,
        held_until=None,
    )
)


class Resent(Struct, frozen=True, kw_only=True):
    """What is owed again."""

    counts: dict[str, int]  # deliveries, by channel
    gone: int  # alerts that are not: they were delivered, and the log has forgotten what they said
    last: datetime | None  # when the last of them is due; None: there are none


class ResendingPace(Struct, frozen=True, kw_only=True):
    """From when on, and how far apart, what is sent again goes: what is new goes in between."""

    begins: datetime
    apart: Mapping[str, timedelta]  # by channel


async def resend(tx: Transaction, chosen: Chosen, pace: ResendingPace | None) -> Resent:
    """Owe those *chosen* again, under the same ids, oldest first; at once where there is no *pace*.

    Their schedule begins anew. What is pending is owed already, and stays as it is; so does a pause that a service has
    asked for. What was told in a digest comes with the digest again, or by itself where it is named; a test comes again
    only where it is named. Of what was suppressed, what a silence has kept is owed again.
    """
    silenced = or_(deliveries.c.state != DeliveryState.SUPPRESSED, deliveries.c.reason == Suppression.SILENCED)
    meant = [*conditions(chosen), deliveries.c.state != DeliveryState.PENDING, silenced]
    if not (chosen.accessions or chosen.ids):
        meant += [deliveries.c.told_in.is_(None), _NO_TEST]
    columns = deliveries.c.message, deliveries.c.channel, deliveries.c.created
    query = select(*columns).where(*meant).order_by(deliveries.c.created, deliveries.c.message)
    rows = (await tx.execute(query)).all()
    ids = list(dict.fromkeys(row.message for row in rows))
    kept: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        kept |= await bodies.kept(tx, ids[start : start + _CHUNK])
    again = [row for row in rows if row.message in kept]
    counts = Counter(row.channel for row in again)
    if again:
        dues = _dues(again, counts, pace)
        values = [
            {"b_message": row.message, "b_channel": row.channel, "b_due": due}
            for row, due in zip(again, dues, strict=True)
        ]
        await tx.execute(_AGAIN, values)
    for channel in counts:
        tx.ring(bell(channel))
    last = max((one["b_due"] for one in values), default=None) if again else None
    return Resent(counts=dict(sorted(counts.items())), gone=len(ids) - len(kept), last=last)


def _dues(rows: Sequence[Row[Any]], counts: Mapping[str, int], pace: ResendingPace | None) -> list[datetime]:
    """When each of *rows* is due: those of a channel one behind the other."""
    if pace is None:
        return [row.created for row in rows]
    apart = {channel: min(pace.apart[channel], _LONGEST / count) for channel, count in counts.items()}
    before: Counter[str] = Counter()
    dues = []
    for row in rows:
        dues.append(pace.begins + before[row.channel] * apart[row.channel])
        before[row.channel] += 1
    return dues
