"""Notices: what is so, what has ended, and which of them are owed to the channels for operations."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import select, update

from service.model.identity import DEFAULT, WorkspaceId
from service.model.message import Message, MessageKind
from service.model.notice import Notice, NoticeKind
from service.store import messages
from service.store.database import Database, Transaction
from service.store.schema import messages as bodies
from service.store.schema import notices
from service.wire import decode, encode

NEW = "notices.new"  # the bell that rings when there is one to tell


class Standing(Struct, frozen=True, kw_only=True):
    """A notice whose matter is still so."""

    kind: NoticeKind
    subject: str
    raised: datetime
    notice: Notice
    workspace: WorkspaceId = DEFAULT  # who is told


class Taken(Struct, frozen=True, kw_only=True):
    """A notice that this transaction owes."""

    id: str
    kind: NoticeKind
    subject: str


async def standing(database: Database) -> list[Standing]:
    """What is still so, oldest first."""
    query = select(notices, bodies.c.value, bodies.c.workspace).join(bodies, bodies.c.id == notices.c.message)
    query = query.where(notices.c.cleared.is_(None))
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(notices.c.raised))
        return [
            Standing(
                kind=NoticeKind(row.kind),
                subject=row.subject,
                workspace=WorkspaceId(row.workspace),
                raised=row.raised,
                notice=decode(row.value, Notice),
            )
            for row in rows
        ]


async def add(tx: Transaction, notice: Notice, *, workspace: WorkspaceId = DEFAULT, passing: bool = False) -> None:
    """Keep *notice* for *workspace*; one that tells of an end, or is *passing* (a reminder, say), does not stand."""
    message = Message(id=notice.id, kind=MessageKind.NOTICE, workspace=workspace, value=encode(notice))
    await messages.keep(tx, [message], notice.at)
    row = {
        "message": notice.id,
        "kind": notice.kind,
        "subject": notice.subject,
        "raised": notice.at,
        "cleared": notice.at if passing or notice.cleared else None,
        "owed": False,
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
    query = select(notices.c.message).where(notices.c.owed.is_(False)).order_by(notices.c.raised)
    async with database.reading() as connection:
        return list(await connection.scalars(query))


async def known(database: Database, ids: Collection[str]) -> set[str]:
    """Those of *ids* that are notices already."""
    async with database.reading() as connection:
        return set(await connection.scalars(select(notices.c.message).where(notices.c.message.in_(ids))))


async def owe(tx: Transaction, ids: Collection[str]) -> list[Taken]:
    """Take it upon this transaction to owe *ids*; returns those that nobody had taken."""
    statement = update(notices).where(notices.c.message.in_(ids), notices.c.owed.is_(False)).values(owed=True)
    rows = await tx.execute(statement.returning(notices.c.message, notices.c.kind, notices.c.subject))
    return [Taken(id=row.message, kind=NoticeKind(row.kind), subject=row.subject) for row in rows]
