"""What of a rule can never be met, and what is hardly meant."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from consumers.language.limit import FLOORS, words
from consumers.matcher.meaning.kinds import GRANTS
from consumers.matcher.rows import measures_of
from service.model.fact import Kind, Measure
from service.model.rule import All, AnyOf, Claim, Comparison, Per, Rule, Threshold, Tree, Watchlist, kinds_of

_PRODUCTS = (
    (Measure.VALUE, Measure.SHARES, Measure.PRICE),
    (Measure.EXERCISE_VALUE, Measure.UNDERLYING_SHARES, Measure.STRIKE),
)
_MEASURES = frozenset(Measure)
_INSTEAD = {Measure.STRIKE: "price", Measure.EXERCISE_VALUE: "value", Measure.UNDERLYING_SHARES: "shares"}


def never_met(own: Iterable[Claim], beside: Iterable[Claim]) -> Iterator[tuple[str, str]]:
    """The keys of *own* that no row can meet which meets the rest of them and those *beside*, each with why."""
    mine = list(own)
    every = [*beside, *mine]
    yield from _watched_and_excluded(mine, every)
    limits = _limits(every)
    if not limits:
        return
    kinds, new = _kinds(every), _limits(mine)
    for measure in limits:
        if kinds and all(measure not in measures_of(kind) for kind in kinds) and (measure in new or _kinds(mine)):
            instead = "shares" if set(kinds) <= GRANTS else _INSTEAD[measure]
            key = str(measure) if measure in new else "kinds"
            yield key, f"{_several(kinds)} have no {measure}: it is of options (Table II); use {instead}"
    for product, *factors in _PRODUCTS:
        asked = [product, *factors]
        if all(one in limits for one in asked) and any(one in new for one in asked):
            key = product if product in new else next(one for one in factors if one in new)
            for why in _contradiction(limits[product], [limits[factor] for factor in factors]):
                yield key, why


def _watched_and_excluded(mine: list[Claim], every: list[Claim]) -> Iterator[tuple[str, str]]:
    """That all watchlists of *every* are left out, too, and which key of *mine* does it."""
    excluded = {name for claim in every if claim.key == "exclude" for name in _lists(claim)}
    new = {claim.key for claim in mine} & {"watchlist", "exclude"}
    for claim in every:
        if new and claim.key == "watchlist" and excluded.issuperset(_lists(claim)):
            yield min(new), f"this can never be met: {' and '.join(_lists(claim))} must be watched and left out"


def _lists(claim: Claim) -> list[str]:
    asked = claim.asked if isinstance(claim.asked, tuple) else ()
    return [one.name for one in asked if isinstance(one, Watchlist)]


def follows(claim: Claim, known: Iterable[Claim]) -> bool:
    """Whether *claim* is true wherever those *known* are, so far as one of them alone says it."""
    return any(_stronger(one.asked, claim.asked, claim.key) for one in known if one.key == claim.key)


def _stronger(asked: Any, other: Any, key: str) -> bool:
    """Whether what is *asked* behind *key* is never true without the *other*."""
    if isinstance(asked, tuple) and isinstance(other, tuple):  # any of them is enough; with `exclude`, none may be
        return {*other} <= {*asked} if key == "exclude" else {*asked} <= {*other}
    if not isinstance(asked, Threshold) or not isinstance(other, Threshold):
        return bool(asked == other)
    floor = asked.comparison in FLOORS
    if floor is not (other.comparison in FLOORS):
        return False
    if asked.limit == other.limit:
        return asked.comparison in (other.comparison, Comparison.MORE_THAN, Comparison.LESS_THAN)
    beyond: bool = asked.limit > other.limit if floor else asked.limit < other.limit  # type: ignore[operator]  # one fact's
    return beyond


def doubts(rule: Rule) -> Iterator[str]:
    """What of *rule* is met more rarely than its words suggest."""
    condition = rule.condition
    if condition.per in (Per.FILING, Per.DAY) and not condition.totals:
        yield f"'per: {condition.per}' sums thresholds, and there is none to sum"
    for together in _conjunctions(condition.rows, condition.totals):
        yield from _doubts(together)


def _doubts(together: tuple[Claim, ...]) -> Iterator[str]:
    kinds, limits = _kinds(together), _limits(together)
    for kind in kinds:
        if without := sorted(limits.keys() - measures_of(kind)):
            yield f"{_several([kind])} have no {' and no '.join(without)}, so they never meet this rule"
    grants = [kind for kind in kinds if kind in GRANTS]
    floors = {measure for measure, threshold in limits.items() if threshold.comparison in FLOORS and threshold.limit}
    for measure in (Measure.VALUE, Measure.PRICE):
        if grants and measure in floors:
            yield (
                f"most grants are filed with price $0, so {measure} leaves most out: "
                "use exercise_value for option-grant, shares for award"
            )


def _conjunctions(tree: Tree, beside: tuple[Claim, ...]) -> Iterator[tuple[Claim, ...]]:
    """Claims that must be true together, for each way in which *tree* can be, with those *beside*."""
    parts = tree.of if isinstance(tree, All) else (tree,)
    mine = (*beside, *(part for part in parts if isinstance(part, Claim)))
    deeper = [branch for part in parts if isinstance(part, AnyOf) for branch in part.of]
    deeper += [part for part in parts if isinstance(part, All)]
    if not deeper:
        yield mine
    for branch in deeper:
        yield from _conjunctions(branch, mine)


def _kinds(together: Iterable[Claim]) -> list[Kind]:
    """The kinds that *together* leave; none: any."""
    found: list[Kind] | None = None
    for claim in together:
        if asked := kinds_of(claim):
            found = list(asked) if found is None else [kind for kind in found if kind in asked]
    return found or []


def _limits(together: Iterable[Claim]) -> dict[Measure, Threshold]:
    every = [claim.asked for claim in together if isinstance(claim.asked, Threshold)]
    return {Measure(one.fact): one for one in every if one.fact in _MEASURES}


def _contradiction(product: Threshold, factors: list[Threshold]) -> Iterator[str]:
    """That *product* asks for what its *factors* rule out, if it does."""
    both = " and ".join(words(factor) for factor in factors)
    bound = Decimal(1)
    for factor in factors:
        bound *= _number(factor)
    floor = product.comparison in FLOORS
    if any((factor.comparison in FLOORS) is floor for factor in factors):
        return
    limit = _number(product)
    strict = any(one.comparison in (Comparison.MORE_THAN, Comparison.LESS_THAN) for one in (product, *factors))
    if (limit > bound if floor else limit < bound) or (strict and limit == bound):
        yield f"{words(product)} can never be met beside {both}"


def _number(threshold: Threshold) -> Decimal:
    assert isinstance(threshold.limit, Decimal)  # measures are no dates
    return threshold.limit


def _several(kinds: Iterable[Kind]) -> str:
    """``purchases and sales``."""
    return " and ".join(name if name.endswith("s") else f"{name}s" for name in (k.replace("-", " ") for k in kinds))
