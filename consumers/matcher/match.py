"""Which rules a filing meets."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from consumers.matcher.predicates import FILING, ROW, TOTAL, Predicate
from consumers.matcher.subject import Subject
from service.model.fact import Fact, Kind, Verdict
from service.model.rule import Rule


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """A rule with its predicates made."""

    rule: Rule
    filing: tuple[Predicate[Subject], ...]
    row: tuple[Predicate[Fact], ...]
    total: tuple[Predicate[tuple[Fact, ...]], ...]

    @property
    def claims(self) -> list[str]:
        """What it asks for, in words."""
        return [*(p.text for p in self.filing), *(p.text for p in self.row), *(p.text for p in self.total)]

    def matches(self, subject: Subject) -> tuple[Fact, ...] | None:
        """The rows that meet the rule; None: it is not met.

        A rule that claims nothing about rows is met by the filing alone, and then all its rows count.
        """
        if any(predicate.test(subject) is not Verdict.TRUE for predicate in self.filing):
            return None
        if not self.row and not self.total:
            return subject.facts
        rows = tuple(
            fact for fact in subject.facts if all(predicate.test(fact) is Verdict.TRUE for predicate in self.row)
        )
        if not rows or any(predicate.test(rows) is not Verdict.TRUE for predicate in self.total):
            return None
        return rows


class RuleSet:
    """All rules, found by the kinds of rows they ask for."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(_compiled(rule) for rule in rules)
        self._of_any_kind = tuple(rule for rule in self._rules if not rule.rule.kinds)
        self._by_kind = {kind: tuple(rule for rule in self._rules if kind in rule.rule.kinds) for kind in Kind}

    def __iter__(self) -> Iterator[CompiledRule]:
        return iter(self._rules)

    def candidates(self, subject: Subject) -> Collection[CompiledRule]:
        """The rules that *subject* can meet: those that ask for no kind of row, or for one that it has."""
        found = dict.fromkeys(self._of_any_kind)
        for kind in {fact.kind for fact in subject.facts}:
            found.update(dict.fromkeys(self._by_kind[kind]))
        return found.keys()


def _compiled(rule: Rule) -> CompiledRule:
    return CompiledRule(
        rule=rule,
        filing=tuple(predicate for make in FILING for predicate in make(rule)),
        row=tuple(predicate for make in ROW for predicate in make(rule)),
        total=tuple(predicate for make in TOTAL for predicate in make(rule)),
    )
