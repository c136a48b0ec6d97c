"""The bodies of messages. An alert's is kept once: by the log, or by itself where the log has it no more.

An alert's id is that of its event on form4.alerts. A message whose value is empty is read from there.
"""

from collections.abc import Collection

from sqlalchemy import bindparam, case, exists, or_, select, update

from service.model.delivery import Suppression
from service.store.database import Transaction
from service.store.events import KEPT
from service.store.schema import deliveries, digested, events, messages, shared

_OWN = messages.c.value != b""
WITH_LOG = messages.outerjoin(events, events.c.id == messages.c.id).outerjoin(
    shared, shared.c.id == case((_OWN, messages.c.shared), else_=events.c.shared)
)
BODY = case((_OWN, messages.c.value), else_=events.c.value)  # WITH_LOG, without COMMON; null or empty: gone

_UNTOLD = [Suppression.REMOVED, Suppression.SILENCED]
OWED = or_(  # whether anybody may yet be sent a message: what is dead or silenced is sent again, what was removed moved
    exists().where(deliveries.c.message == messages.c.id, deliveries.c.state.in_(["pending", "dead"])),
    exists().where(deliveries.c.message == messages.c.id, deliveries.c.reason.in_(_UNTOLD)),
    exists().where(digested.c.message == messages.c.id),
)

_HOLD = (
    select(events.c.id)
    .where(events.c.id.in_(bindparam("ids", expanding=True)), KEPT)
    .order_by(events.c.seq)
    .with_for_update(read=True)
)


async def hold(tx: Transaction, ids: Collection[str]) -> set[str]:
    """Those of *ids* whose body the log has; it keeps them until *tx* ends, or for as long as they are owed then."""
    return set((await tx.execute(_HOLD, {"ids": list(ids)})).scalars())


async def kept(tx: Transaction, ids: Collection[str]) -> set[str]:
    """Those of the messages *ids* whose body can be sent: the log has it, or they have it themselves."""
    own = select(messages.c.id).where(messages.c.id.in_(ids), messages.c.value != b"")
    return await hold(tx, ids) | set((await tx.execute(own)).scalars())


async def save(tx: Transaction, ids: Collection[str]) -> None:
    """The log is about to forget its events *ids*, which are this transaction's alone: keep what is owed of them."""
    mine = events.c.id == messages.c.id
    kept = {name: select(events.c[name]).where(mine).scalar_subquery() for name in ("value", "shared")}
    await tx.execute(update(messages).where(messages.c.id.in_(ids), messages.c.value == b"", OWED).values(kept))
