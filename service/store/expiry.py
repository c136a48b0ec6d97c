"""What the database forgets when it is old and done with. Each call is one small step, and says how much it did."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Exists, and_, delete, exists, or_, select

from service.model.delivery import DeliveryState
from service.model.message import MessageKind
from service.store.database import Transaction
from service.store.day_records import IS_LISTED
from service.store.letters import LetterState as Letter
from service.store.schema import attempts, days, dead_letters, deliveries, digested, listed, messages, notices


async def messages_done(tx: Transaction, before: datetime, limit: int) -> int:
    """Up to *limit* messages made *before* that nobody is owed any more, with their deliveries and attempts.

    Notices have their own time: that of their matter.
    """
    collected = exists().where(digested.c.message == messages.c.id)
    done = (messages.c.kind != MessageKind.NOTICE, messages.c.created < before, ~_open(messages.c.id), ~collected)
    query = select(messages.c.id).where(*done).order_by(messages.c.created).limit(limit)
    ids = (await tx.execute(query)).scalars().all()
    await _forget(tx, ids)
    return len(ids)


async def notices_done(tx: Transaction, before: datetime, limit: int) -> int:
    """Up to *limit* notices of what was over *before* that nobody is owed any more, with their deliveries."""
    done = (notices.c.cleared < before, notices.c.owed, ~_open(notices.c.message))
    query = select(notices.c.message).where(*done).order_by(notices.c.cleared).limit(limit)
    ids = (await tx.execute(query)).scalars().all()
    await tx.execute(delete(notices).where(notices.c.message.in_(ids)))
    await _forget(tx, ids)
    return len(ids)


async def letters_done(tx: Transaction, before: datetime, limit: int) -> int:
    """Up to *limit* dead letters of *before* that somebody has seen to."""
    seen_to = dead_letters.c.state.in_([Letter.RETRIED, Letter.DROPPED])
    query = select(dead_letters.c.id).where(seen_to, dead_letters.c.died < before).limit(limit)
    ids = (await tx.execute(query)).scalars().all()
    await tx.execute(delete(dead_letters).where(dead_letters.c.id.in_(ids)))
    return len(ids)


async def account_closed(tx: Transaction, before: date) -> bool:
    """Forget what the index of the oldest day *before* lists whose counts are kept; False: there is none."""
    oldest = select(days.c.day).where(days.c.day < before, days.c.indexed.is_not(None), IS_LISTED)
    day = (await tx.execute(oldest.order_by(days.c.day).limit(1))).scalar()
    if day is None:
        return False
    await tx.execute(delete(listed).where(listed.c.day == day))
    return True


def _open(message: ColumnElement[str]) -> Exists:
    """Whether a delivery of *message* is pending, or dead and nobody has seen to it."""
    unseen = and_(deliveries.c.state == DeliveryState.DEAD, deliveries.c.acknowledged.is_(None))
    return exists().where(deliveries.c.message == message, or_(deliveries.c.state == DeliveryState.PENDING, unseen))


async def _forget(tx: Transaction, ids: Sequence[str]) -> None:
    """Forget the messages *ids*, after what hangs on them."""
    for table in (attempts, deliveries):
        await tx.execute(delete(table).where(table.c.message.in_(ids)))
    await tx.execute(delete(messages).where(messages.c.id.in_(ids)))
