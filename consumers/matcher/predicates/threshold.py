"""Thresholds: a measure against a limit, row by row or summed over the filing. Unknown never satisfies one."""

import operator
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from consumers.language.limit import words
from consumers.matcher.facts.boxes import sources, tables_of
from consumers.matcher.facts.rows import GRANTS
from consumers.matcher.predicates.predicate import Predicate
from consumers.words import amount, cites, money, plain
from service.model.fact import Fact, Measure, Source, Verdict
from service.model.rule import Comparison, Per, Rule, Threshold
from service.words import counted

SUMMED = frozenset({Measure.SHARES, Measure.VALUE, Measure.UNDERLYING_SHARES, Measure.EXERCISE_VALUE})

_COMPARE: Mapping[Comparison, Callable[[Decimal, Decimal], bool]] = {
    Comparison.AT_LEAST: operator.ge,
    Comparison.MORE_THAN: operator.gt,
    Comparison.AT_MOST: operator.le,
    Comparison.LESS_THAN: operator.lt,
}
_WORTH = "a grant is filed with price $0 (or none), so its worth is not stated"
_FLOORS = frozenset({Comparison.AT_LEAST, Comparison.MORE_THAN})


def thresholds(rule: Rule) -> Iterator[Predicate[Fact]]:
    """The thresholds held against each row; with ``per: filing``, those whose measure has no sum."""
    for threshold in rule.thresholds:
        if rule.per is Per.ROW or threshold.measure not in SUMMED:
            yield _on_row(threshold)


def totals(rule: Rule) -> Iterator[Predicate[tuple[Fact, ...]]]:
    """With ``per: filing``, the thresholds held against the sum over rows."""
    for threshold in rule.thresholds:
        if rule.per is Per.FILING and threshold.measure in SUMMED:
            yield _on_sum(threshold)


def _on_row(threshold: Threshold) -> Predicate[Fact]:
    measure, limit, compare = threshold.measure, threshold.limit, _COMPARE[threshold.comparison]
    tables = tables_of(measure)

    def test(fact: Fact) -> Verdict:
        number = fact.measures.get(measure)
        if number is None:
            return Verdict.UNKNOWN if fact.table in tables else Verdict.FALSE
        return Verdict.of(compare(number, limit))

    return Predicate(
        text=words(threshold),
        test=test,
        stated=lambda fact: (_stated(fact, measure), sources(fact, measure)),
    )


def _on_sum(threshold: Threshold) -> Predicate[tuple[Fact, ...]]:
    measure, limit, compare = threshold.measure, threshold.limit, _COMPARE[threshold.comparison]
    tables = tables_of(measure)

    def test(facts: tuple[Fact, ...]) -> Verdict:
        known, unknown = _sum(facts, measure)
        holds = compare(known, limit)
        if not unknown:
            return Verdict.of(holds)
        if not any(fact.table in tables for fact in facts):
            return Verdict.FALSE
        # No measure is negative (a row that states one so is unknown), so unknown rows can only add: they cannot undo
        # a floor reached, nor mend a cap broken.
        if threshold.comparison in _FLOORS:
            return Verdict.TRUE if holds else Verdict.UNKNOWN
        return Verdict.UNKNOWN if holds else Verdict.FALSE

    def stated(facts: tuple[Fact, ...]) -> tuple[str, tuple[Source, ...]]:
        known, unknown = _sum(facts, measure)
        note = f", {unknown} of them unknown" if unknown else ""
        return f"{amount(measure, known)} in {counted(len(facts), 'row')}{note}", tuple(
            s for fact in facts for s in sources(fact, measure)
        )

    return Predicate(text=f"sum of {words(threshold)}", test=test, stated=stated)


def _sum(facts: tuple[Fact, ...], measure: Measure) -> tuple[Decimal, int]:
    """The sum over the rows that state *measure*, and how many do not."""
    stated = [fact.measures[measure] for fact in facts if measure in fact.measures]
    return sum(stated, Decimal(0)), len(facts) - len(stated)


def _stated(fact: Fact, measure: Measure) -> str:
    number = fact.measures.get(measure)
    if number is None:
        return _unknown(fact, measure)
    text = amount(measure, number)
    row = fact.transaction
    if measure is Measure.EXERCISE_VALUE:
        strike, underlying = fact.measures[Measure.STRIKE], fact.measures[Measure.UNDERLYING_SHARES]
        return f"{text} ({money(strike)} x {plain(underlying)} shares)"
    if measure is Measure.VALUE and row.transaction_total_value is None:
        price, shares = fact.measures[Measure.PRICE], fact.measures[Measure.SHARES]
        worth = f": {_WORTH}" if fact.kind in GRANTS and not price else ""
        return f"{text} ({money(price)} x {plain(shares)} shares){worth}"
    return text


def _unknown(fact: Fact, measure: Measure) -> str:
    """Which box leaves *measure* unknown, and how."""
    boxes, row = sources(fact, measure), fact.transaction
    if not boxes:
        return f"{measure} applies to options and other derivatives (Table II) only"
    if measure is Measure.FILING_LAG and row.transaction_date:
        return f"unknown: the day of filing is not known, or it lies before {boxes[0].number} ({boxes[0].box})"
    words = [f"{box.number} ({box.box}) {_filed(fact, box)}" for box in boxes if not _usable(fact, box)]
    if measure is Measure.VALUE and fact.kind in GRANTS:
        words.append(_WORTH)
    return f"unknown: {'; '.join(words)}"


def _usable(fact: Fact, box: Source) -> bool:
    number = getattr(fact.transaction, box.box)
    return number is not None and number >= 0


def _filed(fact: Fact, box: Source) -> str:
    number = getattr(fact.transaction, box.box)
    return f"states none{cites(fact, box.box)}" if number is None else f"states {plain(number)}, which is less than 0"
