"""The claims a rule can make. A new one is a file here and a line in a table below."""

from collections.abc import Callable, Iterable

from consumers.matcher.predicates.amendment import amendment
from consumers.matcher.predicates.kind import kind
from consumers.matcher.predicates.ownership import ownership
from consumers.matcher.predicates.plan import plan
from consumers.matcher.predicates.predicate import Predicate
from consumers.matcher.predicates.role import role
from consumers.matcher.predicates.threshold import thresholds, totals
from consumers.matcher.predicates.watchlist import watchlist
from consumers.matcher.subject import Subject
from service.model.fact import Fact
from service.model.rule import Rule

FILING: tuple[Callable[[Rule], Iterable[Predicate[Subject]]], ...] = (watchlist, role, plan, amendment)
ROW: tuple[Callable[[Rule], Iterable[Predicate[Fact]]], ...] = (kind, ownership, thresholds)
TOTAL: tuple[Callable[[Rule], Iterable[Predicate[tuple[Fact, ...]]]], ...] = (totals,)

__all__ = ["FILING", "ROW", "TOTAL", "Predicate"]
