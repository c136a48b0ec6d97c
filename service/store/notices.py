"""Notices: what is so, what has ended, and which of them are owed to the channels for operations."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import select, update

from service.model.notice import Notice, NoticeKind
from service.store.database import Database, Transaction
from service.store.schema import notices
from service.wire import decode, encode

NEW = "notices.new"  # the bell that rings when there is one to tell


class Standing(Struct, frozen=True, kw_only=True):
    """A notice whose matter is still so."""

    kind: NoticeKind
    subject: str
    raised: datetime
    notice: Notice


class Taken(Struct, frozen=True, kw_only=True):
    """A notice that this transaction owes."""

    id: str
    kind: NoticeKind
    subject: str


async def standing(database: Database) -> list[Standing]:
    """What is still so, oldest first."""
    query = select(notices).where(notices.c.cleared.is_(None), notices.c.kind != NoticeKind.DIGEST)
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(notices.c.raised))
        return [
            Standing(
                kind=NoticeKind(row.kind), subject=row.subject, raised=row.raised, notice=decode(row.value, Notice)
            )
            for row in rows
        ]


async def add(tx: Transaction, notice: Notice, *, owed: bool = False, passing: bool = False) -> None:
    """Keep *notice*; one that has ended, is a digest, or is *passing* (a reminder, say) does not stand."""
    ended = passing or notice.cleared or notice.kind is NoticeKind.DIGEST
    row = {
        "id": notice.id,
        "kind": notice.kind,
        "subject": notice.subject,
        "value": encode(notice),
        "raised": notice.at,
        "cleared": notice.at if ended else None,
        "owed": owed,
    }
    await tx.add(notices, [row])
    tx.ring(NEW)


async def clear(tx: Transaction, one: Standing, at: datetime) -> None:
    """It is over."""
    statement = update(notices).where(
        notices.c.kind == one.kind, notices.c.subject == one.subject, notices.c.cleared.is_(None)
    )
    await tx.execute(statement.values(cleared=at))


async def unowed(database: Database) -> list[str]:
    """The ids of notices whose channels are not owed them yet, oldest first."""
    query = select(notices.c.id).where(notices.c.owed.is_(False)).order_by(notices.c.raised)
    async with database.reading() as connection:
        return list(await connection.scalars(query))


async def known(database: Database, ids: Collection[str]) -> set[str]:
    """Those of *ids* that are notices already."""
    async with database.reading() as connection:
        return set(await connection.scalars(select(notices.c.id).where(notices.c.id.in_(ids))))


async def owe(tx: Transaction, ids: Collection[str]) -> list[Taken]:
    """Take it upon this transaction to owe *ids*; returns those that nobody had taken."""
    statement = update(notices).where(notices.c.id.in_(ids), notices.c.owed.is_(False)).values(owed=True)
    rows = await tx.execute(statement.returning(notices.c.id, notices.c.kind, notices.c.subject))
    return [Taken(id=row.id, kind=NoticeKind(row.kind), subject=row.subject) for row in rows]
