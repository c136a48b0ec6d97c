"""The bodies of alerts: each is kept once, by the log; by the alert itself where the log has it no more.

An alert's id is that of its event on form4.alerts. An alert whose value is empty is read from there.
"""

from collections.abc import Collection

from sqlalchemy import case, exists, or_, select, update

from service.store.database import Transaction
from service.store.events import KEPT
from service.store.schema import alerts, deliveries, digested, events, notices

WITH_LOG = alerts.outerjoin(events, events.c.id == alerts.c.id)
BODY = case((alerts.c.value != b"", alerts.c.value), else_=events.c.value)  # of alerts WITH_LOG; null or empty: gone

OWED = or_(  # whether anybody may yet be sent an alert; what is dead can be sent again
    exists().where(deliveries.c.alert == alerts.c.id, deliveries.c.state != "delivered"),
    exists().where(digested.c.alert == alerts.c.id),
)


async def hold(tx: Transaction, ids: Collection[str]) -> set[str]:
    """Those of *ids* whose body the log has; it keeps them until *tx* ends, or for as long as they are owed then."""
    query = select(events.c.id).where(events.c.id.in_(ids), KEPT).order_by(events.c.seq).with_for_update(read=True)
    return set((await tx.execute(query)).scalars())


async def kept(tx: Transaction, ids: Collection[str]) -> set[str]:
    """Those of *ids*, of alerts and notices, whose body can be sent: the log has it, or they have it themselves."""
    own = select(alerts.c.id).where(alerts.c.id.in_(ids), alerts.c.value != b"")
    told = select(notices.c.id).where(notices.c.id.in_(ids))
    return await hold(tx, ids) | set((await tx.execute(own.union_all(told))).scalars())


async def save(tx: Transaction, ids: Collection[str]) -> None:
    """The log is about to forget its events *ids*, which are this transaction's alone: keep what is owed of them."""
    body = select(events.c.value).where(events.c.id == alerts.c.id).scalar_subquery()
    await tx.execute(update(alerts).where(alerts.c.id.in_(ids), alerts.c.value == b"", OWED).values(value=body))
