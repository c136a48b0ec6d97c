"""Notices: what is so, what has ended, and which of them are owed to the channels for operations."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import literal, select, tuple_, update

from service.model.delivery import DeliveryState
from service.model.identity import DEFAULT, WorkspaceId
from service.model.message import Message, MessageKind
from service.model.notice import Notice, NoticeKind
from service.store import messages
from service.store.database import Database, Transaction
from service.store.schema import deliveries, notices, resources
from service.store.schema import messages as bodies
from service.wire import decode, encode

NEW = "notices.new"  # the bell that rings when there is one to tell


Place = tuple[datetime, str]
"""Where a notice stands among all of them: when it was raised, its id."""


class ToldTo(Struct, frozen=True, kw_only=True):
    """A channel, and what became of a notice for it."""

    channel: str  # its id
    name: str
    state: DeliveryState
    reason: str | None  # why it is not there; None: it is, or was not tried


class KeptNotice(Struct, frozen=True, kw_only=True):
    """A notice of whatever time, and whom it was told."""

    notice: Notice
    told: tuple[ToldTo, ...]  # empty: no channel for operations was named then

    @property
    def place(self) -> Place:
        """Behind which the next ones are read."""
        return self.notice.at, self.notice.id


class StandingNotice(Struct, frozen=True, kw_only=True):
    """A notice whose matter is still so."""

    kind: NoticeKind
    subject: str
    raised: datetime
    notice: Notice
    workspace: WorkspaceId = DEFAULT  # who is told


async def standing(database: Database) -> list[StandingNotice]:
    """What is still so, oldest first."""
    query = select(notices, bodies.c.value, bodies.c.workspace).join(bodies, bodies.c.id == notices.c.message)
    query = query.where(notices.c.cleared.is_(None))
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(notices.c.raised))
        return [
            StandingNotice(
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


async def clear(tx: Transaction, one: StandingNotice, at: datetime) -> None:
    """It is over."""
    statement = update(notices).where(
        notices.c.kind == one.kind, notices.c.subject == one.subject, notices.c.cleared.is_(None)
    )
    await tx.execute(statement.values(cleared=at))


async def latest(
    database: Database, workspace: WorkspaceId, limit: int, behind: Place | None = None
) -> list[KeptNotice]:
    """The latest *limit* notices that *workspace* is told, or those next *behind* one; latest first."""
    place = tuple_(notices.c.raised, notices.c.message)
    query = select(notices.c.message).join(bodies, bodies.c.id == notices.c.message)
    query = query.where(bodies.c.workspace == workspace)
    if behind is not None:
        query = query.where(place < tuple_(*map(literal, behind, (notices.c.raised.type, notices.c.message.type))))
    query = query.order_by(notices.c.raised.desc(), notices.c.message.desc()).limit(limit)
    columns = deliveries.c.message, deliveries.c.channel, deliveries.c.state, deliveries.c.reason, resources.c.name
    async with database.reading() as connection:
        ids = list(await connection.scalars(query))
        values = {row.id: row.value for row in await connection.execute(select(bodies).where(bodies.c.id.in_(ids)))}
        found = select(*columns).join(resources, resources.c.id == deliveries.c.channel)
        rows = await connection.execute(found.where(deliveries.c.message.in_(ids)).order_by(resources.c.name))
    told: dict[str, list[ToldTo]] = {one: [] for one in ids}
    for row in rows:
        one = ToldTo(channel=row.channel, name=row.name, state=DeliveryState(row.state), reason=row.reason)
        told[row.message].append(one)
    return [KeptNotice(notice=decode(values[one], Notice), told=tuple(told[one])) for one in ids]


async def unowed(database: Database) -> list[str]:
    """The ids of notices whose channels are not owed them yet, oldest first."""
    query = select(notices.c.message).where(notices.c.owed.is_(False)).order_by(notices.c.raised)
    async with database.reading() as connection:
        return list(await connection.scalars(query))


async def known(database: Database, ids: Collection[str]) -> set[str]:
    """Those of *ids* that are notices already."""
    async with database.reading() as connection:
        return set(await connection.scalars(select(notices.c.message).where(notices.c.message.in_(ids))))


async def owe(tx: Transaction, ids: Collection[str]) -> list[Notice]:
    """Take it upon this transaction to owe *ids*; returns those that nobody had taken, oldest first."""
    statement = update(notices).where(notices.c.message.in_(ids), notices.c.owed.is_(False)).values(owed=True)
    taken = (await tx.execute(statement.returning(notices.c.message))).scalars().all()
    values = await messages.values(tx, taken)
    return sorted((decode(value, Notice) for value in values.values()), key=lambda one: one.at)
