"""What a filing must have to meet a condition at all: for an index, that holds rules against few filings."""

from collections.abc import Iterable
from itertools import product

from consumers.matcher.facts.past import TABLE
from service.model.fact import Kind
from service.model.rule import All, AnyOf, Claim, Condition, Not, Threshold, Tree, kinds_of

Clause = tuple[Claim, ...]
"""Claims of which at least one must be true, of the filing or of one of its rows."""

_OF_PAST = frozenset(fact.name for fact in TABLE)
_MOST = 64  # clauses that are made of the branches of one `any_of`; fewer only ask for less


def needs(condition: Condition) -> tuple[Clause, ...]:
    """The clauses that every filing satisfies which meets *condition*; none: nothing can be said.

    A claim's ``key`` and ``asked`` say what it is: ``kinds`` and words have tuples of them, ``watchlist`` the
    Watchlists themselves (the same objects in all rules that name them), numbers and dates a Threshold. Necessary, not
    sufficient: what is negated, sums, and claims on one owner are left to the condition itself.
    """
    return _needs(condition.rows)


def kinds_needed(condition: Condition) -> frozenset[Kind] | None:
    """The kinds of rows of which a filing needs one; None: it can do without."""
    of_kinds = [
        frozenset(kind for claim in clause for kind in kinds_of(claim))
        for clause in needs(condition)
        if all(claim.key == "kinds" for claim in clause)
    ]
    return min(of_kinds, key=len, default=None)


def asks_past(condition: Condition) -> bool:
    """Whether *condition* can rest on what was filed before."""
    return any(map(_of_past, condition.claims))


def kinds_with_past(conditions: Iterable[Condition]) -> frozenset[Kind] | None:
    """The kinds of rows without which what was filed before matters to none of *conditions*; None: it always can.

    Empty: none of them asks.
    """
    asking = [kinds_needed(condition) for condition in conditions if asks_past(condition)]
    return None if None in asking else frozenset(kind for kinds in asking for kind in kinds or ())


def _of_past(claim: Claim) -> bool:
    if isinstance(claim.asked, str):  # an expression, which names facts among its words
        return any(name in claim.asked for name in _OF_PAST)
    return (claim.asked.fact if isinstance(claim.asked, Threshold) else claim.key) in _OF_PAST


def _needs(tree: Tree) -> tuple[Clause, ...]:
    match tree:
        case Claim():
            return ((tree,),)
        case All(of=parts):
            return tuple(clause for part in parts for clause in _needs(part))
        case AnyOf(of=parts):
            branches = [_needs(part) for part in parts]
            size = 1
            for branch in branches:
                size *= len(branch)
            if size > _MOST:
                branches = [branch[:1] for branch in branches]
            return tuple(
                tuple(dict.fromkeys(claim for clause in chosen for claim in clause)) for chosen in product(*branches)
            )
        case Not():
            return ()
