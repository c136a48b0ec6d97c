"""Decides in the database which filings of the past meet a condition, as far as their facts are kept as numbers.

SQL's logic of three values is Kleene's: null is unknown, and what columns cannot decide is null as well.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
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

from service.model.decision import Bits, Decided, Decision, Joined, Number, Open, Opposite, Part
from service.model.fact import Verdict
from service.model.rule import Comparison
from service.model.sought import Sought
from service.store.database import Database
from service.store.schema import history_facts, history_filings
from service.store.sought import where

_AT_ONCE = 25_000  # filings that are passed in one question

_at, _facts = history_filings.c, history_facts.c
_COMPARE: Mapping[Comparison, Callable[[Any, Any], ColumnElement[bool]]] = {
    Comparison.AT_LEAST: ge,
    Comparison.MORE_THAN: gt,
    Comparison.AT_MOST: le,
    Comparison.LESS_THAN: lt,
}
_UNKNOWN, _TRUE = 1, 2  # and 0 for false: of several the greatest is what holds of one of them
_OF = {None: None, _UNKNOWN: Verdict.UNKNOWN, _TRUE: Verdict.TRUE}


class Place(NamedTuple):
    """Where a filing stands in the order of time."""

    known: datetime
    filing: int


class Passed(NamedTuple):
    """Some filings that were looked at, the latest known first."""

    filings: Sequence[Decided]  # of them, those that are not known to be false
    unknown: Mapping[int, Sequence[int]]  # of an exact decision: by which of its claims these filings are unknown
    number: int | None  # of all filings that were looked at; None: those that were left
    reached: datetime  # nothing that was known from then on is left


class _Asked(NamedTuple):
    filings: Select[Any]
    claims: Select[Any]
    exact: bool


async def latest_first(database: Database, sought: Sought, decision: Decision) -> AsyncIterator[Passed]:
    """What *decision* says of the filings that are *sought*, piece by piece."""
    asked = _Asked(_filings(decision, where(sought)), _claims(decision, where(sought)), decision.exact)
    begins, ends = Place(sought.since, 0), Place(sought.until, 0)
    while begins < ends:
        async with database.reading() as connection:
            passed, ends = await connection.run_sync(partial(_piece, asked, begins, ends))
        yield passed


def _piece(asked: _Asked, begins: Place, ends: Place, connection: Connection) -> tuple[Passed, Place]:
    """What stands before *ends*, and where that begins."""
    order = select(_at.known, _at.filing).where(*_within(begins, ends)).order_by(_at.known.desc(), _at.filing.desc())
    row = connection.execute(order.offset(_AT_ONCE - 1).limit(1)).one_or_none()
    first = begins if row is None else Place(*row)
    within = _within(first, ends)
    found = [Decided._make((*one[:-1], _OF[one[-1]])) for one in connection.execute(asked.filings.where(*within))]
    unknown: dict[int, list[int]] = {}
    if asked.exact and any(one.verdict is Verdict.UNKNOWN for one in found):
        for filing, *told in connection.execute(asked.claims.where(*within)):
            unknown[filing] = [place for place, said in enumerate(told) if said]
    return Passed(found[::-1], unknown, None if row is None else _AT_ONCE, first.known), first


def _within(begins: Place, ends: Place) -> list[ColumnElement[bool]]:
    return [
        _at.known >= begins.known,
        _at.known <= ends.known,
        or_(_at.known > begins.known, _at.filing >= begins.filing),
        or_(_at.known < ends.known, _at.filing < ends.filing),
    ]


def _filings(decision: Decision, meant: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """The filings that are *meant* and are not known to be false, the first known first."""
    verdict = _best(decision)
    told = func.max(_at.brought), func.max(_facts.issuer), func.max(_facts.owners), verdict
    return _each(decision, *told).where(*meant).having(func.coalesce(verdict, 1) > 0)


def _claims(decision: Decision, meant: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Those that are unknown by an exact *decision*, with 1 for each of its claims by which they are."""
    row = and_(true(), *map(_sql, decision.row))
    of_row = and_(_facts.number > 0, row.is_(None))
    claims = [
        *(_sql(part).is_(None) for part in decision.filing),
        *(and_(of_row, _sql(part).is_(None)) for part in decision.row),
    ]
    told = select(_at.filing, *(func.max(case((claim, 1), else_=0)) for claim in claims))
    return _grouped(told, decision).where(*meant).having(_best(decision) == _UNKNOWN)


def _each(decision: Decision, *told: ColumnElement[Any]) -> Select[Any]:
    return _grouped(select(_at.known, _at.filing, _at.source, *told), decision).order_by(_at.known, _at.filing)


def _grouped(query: Select[Any], decision: Decision) -> Select[Any]:
    mine = and_(
        _facts.known == _at.known,
        _facts.filing == _at.filing,
        _facts.source == _at.source,
        _facts.form == decision.form,
    )
    return query.select_from(history_filings.outerjoin(history_facts, mine)).group_by(_at.known, _at.filing, _at.source)


def _best(decision: Decision) -> ColumnElement[Any]:
    """Of a filing: whether one of its rows meets *decision*, as a number; null: no fact of it is kept."""
    row = _verdict(decision)
    best = func.max(case((_facts.form.is_not(None), func.coalesce(cast(row, Integer) * _TRUE, _UNKNOWN))))
    if not decision.sums:
        return best
    unsure = func.sum(case((row.is_(None), 1), else_=0))
    short: list[ColumnElement[bool]] = [false()]
    for floor in decision.floors:
        column = _facts[floor.column]
        unstated = func.sum(case((and_(row, column.is_(None)), 1), else_=0))
        short.append(and_(unsure + unstated == 0, func.sum(case((row, column), else_=0.0)) < floor.limit))
    return case((or_(*short), 0), (best == _TRUE, _UNKNOWN), else_=best)


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
