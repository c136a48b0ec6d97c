"""Backfills: what was asked for, and how far it has come, so that a kill costs nothing."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, and_, delete, func, insert, or_, select, update

from service.model.errors import Superseded
from service.model.filing import Cik
from service.store.database import Database, Transaction
from service.store.filings import PENDING
from service.store.schema import backfills, days, filings, listed

_LONGEST_WAIT = timedelta(hours=2)  # between tries; a later time was set by a clock that was set back since

ASKED = "backfills.asked"  # the bell that rings when there is a new one


class BackfillState(StrEnum):
    """How a backfill stands."""

    ACTIVE = "active"
    DONE = "done"
    FAILED = "failed"  # a person must look; its notes say why
    STOPPED = "stopped"  # by a person


class BackfillWish(Struct, frozen=True, kw_only=True):
    """What somebody asked for."""

    since: date
    until: date
    tickers: tuple[str, ...] = ()
    ciks: tuple[Cik, ...] = ()
    alert: bool = False  # tell its alerts, together, as digests


class Backfill(Struct, frozen=True, kw_only=True):
    """A wish, and how far it has come."""

    id: int
    wish: BackfillWish
    units: tuple[str, ...]  # the indexes and files to read, in their order
    step: int  # how many of them are read
    listed: int  # filings they list, those included that were known before
    tries: int  # at the unit that is next
    due: datetime  # when the unit that is next may be tried
    waits: str | None  # why its last try came to nothing; None: it does not wait
    state: BackfillState
    notes: tuple[str, ...]

    @property
    def digest(self) -> str | None:
        """Under which name its alerts are told; None: they are not."""
        return f"backfill-{self.id}" if self.wish.alert else None


class Progress(Struct, frozen=True, kw_only=True):
    """What became of the filings that a backfill found, and nobody before it."""

    pending: int = 0
    published: int = 0
    dead: int = 0

    @property
    def found(self) -> int:
        """All of them."""
        return self.pending + self.published + self.dead


async def begin(tx: Transaction, wish: BackfillWish, units: Sequence[str], now: datetime) -> int:
    """Ask for *wish*; returns its number."""
    row = {
        "since": wish.since,
        "until": wish.until,
        "tickers": list(wish.tickers),
        "ciks": list(wish.ciks),
        "alert": wish.alert,
        "units": list(units),
        "step": 0,
        "listed": 0,
        "tries": 0,
        "due": now,
        "state": BackfillState.ACTIVE,
        "notes": [],
        "created": now,
    }
    tx.ring(ASKED)
    result = await tx.execute(insert(backfills).values(row).returning(backfills.c.id))
    return int(result.scalar_one())


async def active(database: Database) -> list[Backfill]:
    """Those that are under way, oldest first."""
    query = select(backfills).where(backfills.c.state == BackfillState.ACTIVE).order_by(backfills.c.id)
    async with database.reading() as connection:
        return [_backfill(row) for row in await connection.execute(query)]


async def due(database: Database, now: datetime) -> Backfill | None:
    """The oldest one that has a unit to read by *now*; None: none has."""
    ahead = and_(backfills.c.tries > 0, backfills.c.due > now + _LONGEST_WAIT)
    ripe = backfills.c.state == BackfillState.ACTIVE, or_(backfills.c.due <= now, ahead)
    query = select(backfills).where(*ripe)
    async with database.reading() as connection:
        rows = (await connection.execute(query.order_by(backfills.c.id))).all()
    found = [_backfill(row) for row in rows]
    return next((one for one in found if one.step < len(one.units)), None)


async def get(database: Database, number: int) -> Backfill:
    """Backfill *number*."""
    async with database.reading() as connection:
        return _backfill((await connection.execute(select(backfills).where(backfills.c.id == number))).one())


async def advance(tx: Transaction, one: Backfill, listed: int, units: Sequence[str] | None, note: str | None) -> None:
    """Its next unit is read, and listed so many filings; *units*: what is to be read from the first on."""
    values: dict[str, Any] = {
        "listed": backfills.c.listed + listed,
        "tries": 0,
        "waits": None,
        "notes": _noted(one, note),
    }
    values |= {"step": one.step + 1} if units is None else {"units": list(units), "step": 0}
    await tx.execute(update(backfills).where(backfills.c.id == one.id, backfills.c.step == one.step).values(values))


async def postpone(tx: Transaction, one: Backfill, due: datetime, why: str) -> None:
    """Try its next unit again when it is *due*."""
    changes = {"due": due, "waits": why, "tries": one.tries + 1}
    await tx.execute(update(backfills).where(backfills.c.id == one.id).values(changes))


async def hurry(tx: Transaction, one: Backfill, now: datetime) -> None:
    """Try its next unit now: somebody asks for it."""
    await tx.execute(update(backfills).where(backfills.c.id == one.id).values(due=now, tries=0, waits=None))
    tx.ring(ASKED)


async def settle(tx: Transaction, one: Backfill, state: BackfillState, note: str | None = None) -> None:
    """End it. One that is stopped forgets what it has found and not fetched, and so the account of those days."""
    values = {"state": state, "notes": _noted(one, note)}
    still = backfills.c.id == one.id, backfills.c.state == BackfillState.ACTIVE
    if (await tx.execute(update(backfills).where(*still).values(values))).rowcount != 1:
        raise Superseded(f"backfill {one.id} has ended in the meantime")
    if state is BackfillState.STOPPED:
        pending = filings.c.backfill == one.id, PENDING
        theirs = select(listed.c.day).join(filings, filings.c.accession == listed.c.accession).where(*pending)
        await tx.execute(delete(days).where(days.c.day.in_(theirs)))
        await tx.execute(delete(listed).where(listed.c.accession.in_(select(filings.c.accession).where(*pending))))
        await tx.execute(delete(filings).where(*pending))


async def hold(tx: Transaction, one: Backfill) -> None:
    """Raises Superseded if it has been stopped; if not, it is not before *tx* has committed."""
    statement = update(backfills).where(backfills.c.id == one.id, backfills.c.state == BackfillState.ACTIVE)
    if (await tx.execute(statement.values(state=BackfillState.ACTIVE))).rowcount != 1:
        raise Superseded(f"backfill {one.id} was stopped")


async def is_pending(database: Database, number: int) -> bool:
    """Whether any filing that backfill *number* found is yet to be fetched."""
    query = select(filings.c.accession).where(filings.c.backfill == number, PENDING)
    async with database.reading() as connection:
        return (await connection.execute(query.limit(1))).first() is not None


async def progress(database: Database, number: int) -> Progress:
    """What became of the filings that backfill *number* found."""
    query = select(filings.c.state, func.count()).where(filings.c.backfill == number).group_by(filings.c.state)
    async with database.reading() as connection:
        return Progress(**dict((await connection.execute(query)).all()))


def _noted(one: Backfill, note: str | None) -> list[str]:
    return [*one.notes, note] if note else list(one.notes)


def _backfill(row: Row[Any]) -> Backfill:
    wish = BackfillWish(
        since=row.since,
        until=row.until,
        tickers=tuple(row.tickers),
        ciks=tuple(Cik(cik) for cik in row.ciks),
        alert=row.alert,
    )
    return Backfill(
        id=row.id,
        wish=wish,
        units=tuple(row.units),
        step=row.step,
        listed=row.listed,
        tries=row.tries,
        due=row.due,
        waits=row.waits,
        state=BackfillState(row.state),
        notes=tuple(row.notes),
    )
