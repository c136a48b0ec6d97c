"""What a filing must have to meet a condition at all: for an index, that holds rules against few filings."""

from itertools import product

from msgspec.structs import replace

from consumers.language.limit import FLOORS
from consumers.matcher.facts.registry import FACTS
from service.model.fact import Kind
from service.model.rule import All, AnyOf, Claim, Cluster, Condition, Not, Per, Threshold, Tree, claims, kinds_of

Clause = tuple[Claim, ...]
"""Claims of which at least one must be true, of the filing or of one of its rows."""

_OF_PAST = frozenset(fact.name for fact in FACTS.values() if fact.of_past)
_OF_HOLDINGS = frozenset(fact.name for fact in FACTS.values() if fact.of_holdings)
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


def days_around(condition: Condition) -> int:
    """For how many days before a filing *condition* asks what others did; 0: for none."""
    return max((claim.asked.within for claim in condition.claims if isinstance(claim.asked, Cluster)), default=0)


def asks_holdings(condition: Condition) -> bool:
    """Whether *condition* can rest on what was held before."""
    return any(_is_of(_OF_HOLDINGS, claim) for claim in condition.claims)


def without_past(condition: Condition) -> Condition:
    """What must be true whatever was filed before; of sums floors alone, since more rows may meet what is left."""
    parts = condition.rows.of if isinstance(condition.rows, All) else (condition.rows,)
    left = tuple(part for part in parts if not any(map(_of_past, claims(part))))
    floors = tuple(
        claim for claim in condition.totals if isinstance(claim.asked, Threshold) and claim.asked.comparison in FLOORS
    )
    return replace(condition, rows=All(left), totals=floors, per=condition.per if floors else Per.ROW)


def _of_past(claim: Claim) -> bool:
    return _is_of(_OF_PAST, claim)


def _is_of(facts: frozenset[str], claim: Claim) -> bool:
    if isinstance(claim.asked, str):  # an expression, which names facts among its words
        return any(name in claim.asked for name in facts)
    if isinstance(claim.asked, Cluster):
        return facts is _OF_PAST
    return (claim.asked.fact if isinstance(claim.asked, Threshold) else claim.key) in facts


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
