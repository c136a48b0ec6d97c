"""The claims a rule can make: one for each fact, and those that facts alone do not say.

A new fact is a key of rules by itself. A new predicate is a file here and a line in the table below.
"""

from collections.abc import Mapping

from consumers.matcher.predicates.amendment import AMENDMENTS
from consumers.matcher.predicates.cluster import CLUSTER
from consumers.matcher.predicates.flag import FLAGS
from consumers.matcher.predicates.kind import KINDS
from consumers.matcher.predicates.plan import PLAN
from consumers.matcher.predicates.predicate import ClaimType, Level, Predicate, Total
from consumers.matcher.predicates.threshold import THRESHOLDS
from consumers.matcher.predicates.watchlist import EXCLUDE, WATCHLIST
from consumers.matcher.predicates.when import WHEN
from consumers.matcher.predicates.word import WORDS

_OTHERWISE = frozenset({"kind", "kinds", "amendment"})  # facts that are asked for in another way
_BY_FACTS = tuple(one for one in (*THRESHOLDS, *WORDS, *FLAGS) if one.key not in _OTHERWISE)

PREDICATES: Mapping[str, ClaimType] = {
    one.key: one for one in (KINDS, WATCHLIST, EXCLUDE, *_BY_FACTS, PLAN, CLUSTER, AMENDMENTS, WHEN)
}
"""Every key by which a rule claims something, in the order in which rules are read and told. Of two, the last holds."""

__all__ = ["PREDICATES", "ClaimType", "Level", "Predicate", "Total"]
