"""Decides in the database which filings of the past meet a condition, as far as their facts are kept as numbers.

SQL's logic of three values is Kleene's: null is unknown, and what columns cannot decide is null as well.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import ge, gt, le, lt
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    not_,
    null,
    or_,
    select,
    true,
)

from service.model.decision import TRUE, UNKNOWN, Bits, Decided, Decision, Joined, Number, Open, Opposite, Part
from service.model.rule import Comparison
from service.model.sought import Sought
from service.store.database import Database
from service.store.schema import history_facts, history_filings
from service.store.sought import meant

_AT_ONCE = 25_000  # filings that are passed in one question

_at, _facts = history_filings.c, history_facts.c
_COMPARE: Mapping[Comparison, Callable[[Any, Any], ColumnElement[bool]]] = {
    Comparison.AT_LEAST: ge,
    Comparison.MORE_THAN: gt,
    Comparison.AT_MOST: le,
    Comparison.LESS_THAN: lt,
}
_TOLD = len(Decided._fields)  # columns of each filing, before those of claims
_VERDICT = Decided._fields.index("verdict")
_FALSE = 0


class Place(NamedTuple):
    """Where a filing stands in the order of time."""

    known: datetime
    filing: int


class Passed(NamedTuple):
    """Some filings that were looked at, the latest known first."""

    filings: Sequence[Decided]  # of them, those that are not known to be false
    unknown: Mapping[int, tuple[int, ...]]  # of an exact decision, by filing: 1 for each claim that leaves it unknown
    number: int | None  # of all filings that were looked at; None: those that were left
    reached: datetime  # nothing that was known from then on is left


_WITHIN = (
    _at.known >= bindparam("since"),
    _at.known <= bindparam("until"),
    or_(_at.known > bindparam("since"), _at.filing >= bindparam("first")),
    or_(_at.known < bindparam("until"), _at.filing < bindparam("behind")),
)
"""From one place until before another: made once, for to make a statement takes as long as to run it on a piece."""
_LAST = (
    select(_at.known, _at.filing)
    .where(*_WITHIN)
    .order_by(_at.known.desc(), _at.filing.desc())
    .offset(_AT_ONCE - 1)
    .limit(1)
)


async def latest_first(database: Database, sought: Sought, decision: Decision) -> AsyncIterator[Passed]:
    """What *decision* says of the filings that are *sought*, piece by piece."""
    asked = _asked(decision, sought).where(*_WITHIN)
    begins, ends = Place(sought.since, 0), Place(sought.until, 0)
    while begins < ends:
        async with database.reading() as connection:
            passed, ends = await connection.run_sync(partial(_piece, asked, begins, ends))
        yield passed


def _piece(asked: Select[Any], begins: Place, ends: Place, connection: Connection) -> tuple[Passed, Place]:
    """What stands before *ends*, and where that begins."""
    last = connection.execute(_LAST, _between(begins, ends)).one_or_none()
    first = begins if last is None else Place._make(last)
    rows = connection.execute(asked, _between(first, ends)).all()
    found = [Decided._make(row[:_TOLD]) for row in reversed(rows)]
    unknown = {row.filing: tuple(row[_TOLD:]) for row in rows if row[_VERDICT] == UNKNOWN}
    return Passed(found, unknown, None if last is None else _AT_ONCE, first.known), first


def _between(begins: Place, ends: Place) -> dict[str, Any]:
    return {"since": begins.known, "first": begins.filing, "until": ends.known, "behind": ends.filing}


def _asked(decision: Decision, sought: Sought) -> Select[Any]:
    """The filings that are *sought*, whenever they were known, and not known to be false; the first known first.

    Of an exact decision with 1 for each of its claims by which a filing may be unknown.
    """
    mine = and_(
        _facts.known == _at.known,
        _facts.filing == _at.filing,
        _facts.source == _at.source,
        _facts.form == decision.form,
    )
    verdict = _best(decision)
    told = _at.known, _at.filing, _at.source, func.max(_facts.issuer), func.max(_facts.owners), verdict
    query = (
        select(*told, *(_claims(decision) if decision.exact else ()))
        .select_from(history_filings.outerjoin(history_facts, mine))
        .where(*meant(sought), or_(_facts.form.is_(None), _verdict(decision).is_not(false())))
        .group_by(_at.known, _at.filing, _at.source)
        .order_by(_at.known, _at.filing)
    )
    return query.having(func.coalesce(verdict, UNKNOWN) != _FALSE) if decision.floors else query


def _claims(decision: Decision) -> Iterator[ColumnElement[Any]]:
    row = and_(true(), *map(_sql, decision.row))
    of_row = and_(_facts.number > 0, row.is_(None))
    for part in decision.filing:
        yield func.max(case((_sql(part).is_(None), 1), else_=0))
    for part in decision.row:
        yield func.max(case((and_(of_row, _sql(part).is_(None)), 1), else_=0))


def _best(decision: Decision) -> ColumnElement[Any]:
    """Of a filing: whether one of its rows meets *decision*, as a number; null: no fact of it is kept.

    Rows that surely do not are left out already.
    """
    row = _verdict(decision)
    best = func.max(case((_facts.form.is_not(None), func.coalesce(cast(row, Integer) * TRUE, UNKNOWN))))
    if not decision.sums:
        return best
    sums = [(floor, func.sum(case((row, _facts[floor.column]), else_=0.0))) for floor in decision.floors]
    unstated = or_(row.is_(None), *(_facts[floor.column].is_(None) for floor in decision.floors))
    stated = func.sum(case((unstated, 1), else_=0)) == 0
    short = or_(false(), *(total < floor.short for floor, total in sums))
    enough = and_(best == TRUE, *(total > floor.enough for floor, total in sums))
    known = [(and_(stated, short), _FALSE), *([(enough, TRUE)] if decision.reach else [])]
    return case(*known, (best == TRUE, UNKNOWN), else_=best)


def _verdict(decision: Decision) -> ColumnElement[bool]:
    """Of a row, whether it and its filing meet *decision*."""
    whole = and_(true(), *map(_sql, decision.filing))
    row = and_(true(), *map(_sql, decision.row))
    if decision.exact and decision.row:  # a filing without rows is not met by what is claimed of them
        row = func.coalesce(row, case((_facts.number == 0, false())))
    return and_(whole, row)


def _sql(part: Part) -> ColumnElement[Any]:
    match part:
        case Bits(column=column, wanted=wanted, missing=missing):
            there = _facts[column].bitwise_and(wanted) != 0
            if missing is None:
                return there
            return or_(there, case((_facts[missing].bitwise_and(wanted) == 0, false())))
        case Number(column=column, comparison=comparison, limit=limit, lacking=lacking):
            return and_(_facts.lacks.bitwise_and(lacking) == 0, _COMPARE[comparison](_facts[column], limit))
        case Joined(of=parts, every=every):
            return and_(true(), *map(_sql, parts)) if every else or_(false(), *map(_sql, parts))
        case Opposite(of=inner):
            return not_(_sql(inner))
        case Open():
            return null()
