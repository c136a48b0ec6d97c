"""Thresholds: a number or a date against a limit, row by row or summed. Unknown never satisfies one."""

import math
import operator
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from consumers.language.fields import limit
from consumers.language.limit import FLOORS, quantity, words
from consumers.matcher.facts.boxes import sources, tables_of
from consumers.matcher.facts.fact import AtLeast, FactType, Type
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.predicates.numbers import number_said
from consumers.matcher.predicates.predicate import ClaimType, Predicate, Rows, Stated, Total
from consumers.matcher.predicates.said import applies, boxes_of, level_of, of_owners, once
from consumers.matcher.subject import Subject
from service.model.fact import Fact, Measure, Verdict
from service.model.rule import Comparison, Threshold
from service.words import counted

SUMMED = frozenset({Measure.SHARES, Measure.VALUE, Measure.UNDERLYING_SHARES, Measure.EXERCISE_VALUE})

_COMPARE: Mapping[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.AT_LEAST: operator.ge,
    Comparison.MORE_THAN: operator.gt,
    Comparison.AT_MOST: operator.le,
    Comparison.LESS_THAN: operator.lt,
}


def _stated(fact: FactType) -> Callable[[Subject, Any], Stated]:
    return once(fact.name, lambda subject, row: (number_said(fact, subject, row), boxes_of(fact, row)))


_STATED = {fact.name: _stated(fact) for fact in FACTS.values() if fact.type in (Type.NUMBER, Type.DATE)}


def _predicate(asked: Threshold) -> Predicate:
    """True where the number or date is on the right side of the limit."""
    fact, bound, compare = FACTS[asked.fact], asked.limit, _COMPARE[asked.comparison]
    read, floor, number = fact.reader, asked.comparison in FLOORS, _STATED[asked.fact]

    def test(subject: Subject, row: Fact) -> Verdict:
        value = read(subject, row)
        if value is None:
            return Verdict.UNKNOWN if applies(fact, subject, row) else Verdict.FALSE
        holds = compare(value, bound)
        if isinstance(value, AtLeast) and holds is not floor:
            return Verdict.UNKNOWN  # were it more, that would change
        return Verdict.TRUE if holds else Verdict.FALSE

    def stated(subject: Subject, row: Fact) -> Stated:
        said, boxes = number(subject, row)
        if fact.of_past and test(subject, row) is Verdict.UNKNOWN:
            said += _from_when(asked, fact.of(subject, row), row)
        return said, boxes

    return Predicate(level=level_of(fact), of_owners=of_owners(fact), text=words(asked), test=test, stated=stated)


def _from_when(asked: Threshold, value: object, row: Fact) -> str:
    """From which trade on it would be known, if nothing is done until then."""
    day = row.transaction.transaction_date
    if not isinstance(value, AtLeast) or not isinstance(asked.limit, Decimal) or day is None:
        return ""
    beyond = asked.comparison in (Comparison.MORE_THAN, Comparison.AT_MOST)
    days = math.floor(asked.limit - value) + 1 if beyond else math.ceil(asked.limit - value)
    try:
        return f"; known for trades from {day + timedelta(days=days)} on"
    except OverflowError:
        return ""


def _total(asked: Threshold) -> Total:
    """True where the sum over rows is on the right side of the limit, whatever the rows that do not state it."""
    measure, bound, compare = Measure(asked.fact), asked.limit, _COMPARE[asked.comparison]
    tables = tables_of(measure)

    def test(facts: Rows, doubtful: Rows) -> Verdict:
        known, unknown = _sum(facts, measure)
        holds = compare(known, bound)
        if not unknown and not doubtful:
            return Verdict.of(holds)
        if not any(fact.table in tables for fact in (*facts, *doubtful)):
            return Verdict.FALSE
        # No measure is negative (a row that states one so is unknown), so unknown rows can only add: they cannot undo
        # a floor reached, nor mend a cap broken.
        if asked.comparison in FLOORS:
            return Verdict.TRUE if holds else Verdict.UNKNOWN
        return Verdict.UNKNOWN if holds else Verdict.FALSE

    def stated(facts: Rows, doubtful: Rows) -> Stated:
        known, unknown = _sum(facts, measure)
        note = f", {unknown} of them unknown" if unknown else ""
        if doubtful:
            note += f"; {counted(len(doubtful), 'more row')} may count, which cannot be told"
        return f"{quantity(FACTS[measure], known)} in {counted(len(facts), 'row')}{note}", tuple(
            s for fact in facts for s in sources(fact, measure)
        )

    return Total(text=f"sum of {words(asked)}", test=test, stated=stated)


def _sum(facts: tuple[Fact, ...], measure: Measure) -> tuple[Decimal, int]:
    """The sum over the rows that state *measure*, and how many do not."""
    stated = [fact.measures[measure] for fact in facts if measure in fact.measures]
    return sum(stated, Decimal(0)), len(facts) - len(stated)


def _claim(fact: FactType) -> ClaimType:
    return ClaimType(
        key=fact.name,
        field=limit(fact),
        predicate=_predicate,
        total=_total if fact.name in SUMMED else None,
    )


THRESHOLDS = tuple(_claim(FACTS[name]) for name in _STATED)
