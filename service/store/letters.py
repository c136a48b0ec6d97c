"""Dead letters as the operator sees them: which are open, and what became of the others."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_, update

from service.model.dead import DeadLetter
from service.model.filing import Accession
from service.store.database import Database, Transaction
from service.store.schema import dead_letters
from service.wire import decode
from service.wire.topics import dead_event

_PLACE = (dead_letters.c.died, dead_letters.c.id)


class LetterState(StrEnum):
    """What became of a dead letter."""

    OPEN = "open"
    RETRIED = "retried"  # and this time it could be used
    DROPPED = "dropped"  # by a person


Place = tuple[datetime, str]
"""Where a letter stands among all of them: when it died, and its id."""


class WhichLetters(Struct, frozen=True, kw_only=True):
    """Which letters are looked for: all that is given must hold."""

    states: tuple[LetterState, ...] = tuple(LetterState)
    stages: tuple[str, ...] = ()  # empty: all
    reason: str | None = None
    accession: Accession | None = None


class KeptLetter(Struct, frozen=True, kw_only=True):
    """A dead letter and its state."""

    id: str  # of its event on form4.dead
    state: LetterState
    letter: DeadLetter


async def bury(tx: Transaction, *letters: DeadLetter) -> None:
    """Put *letters* on form4.dead, and keep them for the operator."""
    events = [dead_event(letter) for letter in letters]
    tx.emit(*events)
    rows = [
        {
            "id": event.id,
            "stage": letter.group,
            "reason": letter.reason,
            "accession": letter.accession,
            "event": letter.id,
            "value": event.value,
            "died": letter.died,
            "state": LetterState.OPEN,
        }
        for letter, event in zip(letters, events, strict=True)
    ]
    if rows:
        await tx.add(dead_letters, rows)
        again = dead_letters.c.id.in_([event.id for event in events]), dead_letters.c.state == LetterState.RETRIED
        await tx.execute(update(dead_letters).where(*again).values(state=LetterState.OPEN))


async def find(database: Database, name: str) -> list[KeptLetter]:
    """The letters whose id or accession number is *name*."""
    query = select(dead_letters).where((dead_letters.c.id == name) | (dead_letters.c.accession == name))
    return await _kept(database, query.order_by(dead_letters.c.died))


async def page(database: Database, which: WhichLetters, limit: int, behind: Place | None = None) -> list[KeptLetter]:
    """The latest *limit* letters, or those next *behind* one; latest first."""
    query = select(dead_letters).where(dead_letters.c.state.in_(which.states))
    if which.stages:
        query = query.where(dead_letters.c.stage.in_(which.stages))
    if which.reason is not None:
        query = query.where(dead_letters.c.reason == which.reason)
    if which.accession is not None:
        query = query.where(dead_letters.c.accession == which.accession)
    if behind is not None:
        at, one = (literal(value, column.type) for value, column in zip(behind, _PLACE, strict=True))
        query = query.where(tuple_(*_PLACE) < tuple_(at, one))
    return await _kept(database, query.order_by(*(column.desc() for column in _PLACE)).limit(limit))


async def still_open(
    database: Database, stages: Collection[str], besides: Collection[str]
) -> tuple[int, datetime | None]:
    """How many letters of *stages* nobody has seen to, *besides* those reasons, and since when."""
    query = select(func.count(), func.min(dead_letters.c.died)).where(*_open(stages, besides))
    async with database.reading() as connection:
        count, since = (await connection.execute(query)).one()
    return count, since


async def latest(database: Database, stages: Collection[str], besides: Collection[str], limit: int) -> list[KeptLetter]:
    """The last *limit* of `still_open`, oldest first."""
    query = select(dead_letters).where(*_open(stages, besides)).order_by(dead_letters.c.died.desc())
    return list(reversed(await _kept(database, query.limit(limit))))


def _open(stages: Collection[str], besides: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        dead_letters.c.state == LetterState.OPEN,
        dead_letters.c.stage.in_(list(stages)),
        dead_letters.c.reason.not_in(list(besides)),
    )


async def settle(tx: Transaction, letter_id: str, state: LetterState) -> None:
    """Set what became of the letter *letter_id*."""
    await tx.execute(update(dead_letters).where(dead_letters.c.id == letter_id).values(state=state))


async def count_open(database: Database) -> int:
    """How many letters nobody has seen to."""
    query = select(func.count()).select_from(dead_letters).where(dead_letters.c.state == LetterState.OPEN)
    async with database.reading() as connection:
        return await connection.scalar(query) or 0


async def _kept(database: Database, query: Select[Any]) -> list[KeptLetter]:
    async with database.reading() as connection:
        rows = (await connection.execute(query)).all()
    return [KeptLetter(id=row.id, state=LetterState(row.state), letter=decode(row.value, DeadLetter)) for row in rows]
