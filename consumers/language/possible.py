"""What of a rule can never be met, and what is hardly meant."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from consumers.language.limit import words
from consumers.matcher.facts.rows import GRANTS, measures_of
from service.model.fact import Kind, Measure
from service.model.rule import Comparison, Rule, Threshold

_PRODUCTS = (
    (Measure.VALUE, Measure.SHARES, Measure.PRICE),
    (Measure.EXERCISE_VALUE, Measure.UNDERLYING_SHARES, Measure.STRIKE),
)
_FLOORS = frozenset({Comparison.AT_LEAST, Comparison.MORE_THAN})
_INSTEAD = {Measure.STRIKE: "price", Measure.EXERCISE_VALUE: "value", Measure.UNDERLYING_SHARES: "shares"}


def never_met(rule: Rule) -> Iterator[tuple[Measure, str]]:
    """The thresholds of *rule* that no row of its kinds can meet, each with why."""
    for threshold in rule.thresholds:
        measure = threshold.measure
        if rule.kinds and all(measure not in measures_of(kind) for kind in rule.kinds):
            instead = "shares" if set(rule.kinds) <= GRANTS else _INSTEAD[measure]
            yield measure, f"{_several(rule.kinds)} have no {measure}: it is of options (Table II); use {instead}"
    limits = {threshold.measure: threshold for threshold in rule.thresholds}
    for product, *factors in _PRODUCTS:
        if product in limits and all(factor in limits for factor in factors):
            yield from _contradiction(limits[product], [limits[factor] for factor in factors])


def doubts(rule: Rule) -> Iterator[str]:
    """What of *rule* is met more rarely than its words suggest."""
    asked = {threshold.measure for threshold in rule.thresholds}
    for kind in rule.kinds:
        if without := sorted(asked - measures_of(kind)):
            yield f"{_several([kind])} have no {' and no '.join(without)}, so they never meet this rule"
    grants = [kind for kind in rule.kinds if kind in GRANTS]
    floors = {threshold.measure for threshold in rule.thresholds if threshold.comparison in _FLOORS and threshold.limit}
    for measure in (Measure.VALUE, Measure.PRICE):
        if grants and measure in floors:
            yield (
                f"most grants are filed with price $0, so {measure} leaves most out: "
                "use exercise_value for option-grant, shares for award"
            )


def _contradiction(product: Threshold, factors: list[Threshold]) -> Iterator[tuple[Measure, str]]:
    """That *product* asks for what its *factors* rule out, if it does."""
    both = " and ".join(words(factor) for factor in factors)
    bound = Decimal(1)
    for factor in factors:
        bound *= factor.limit
    floor = product.comparison in _FLOORS
    if any((factor.comparison in _FLOORS) is floor for factor in factors):
        return
    strict = any(one.comparison in (Comparison.MORE_THAN, Comparison.LESS_THAN) for one in (product, *factors))
    if (product.limit > bound if floor else product.limit < bound) or (strict and product.limit == bound):
        yield product.measure, f"{words(product)} can never be met beside {both}"


def _several(kinds: Iterable[Kind]) -> str:
    """``purchases and sales``."""
    return " and ".join(name if name.endswith("s") else f"{name}s" for name in (k.replace("-", " ") for k in kinds))
