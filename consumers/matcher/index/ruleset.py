"""All rules, as the matcher asks for them."""

from collections.abc import Iterable, Iterator, Sequence

from consumers.matcher.index.building import Builder, paused
from consumers.matcher.index.scope import looked_up
from consumers.matcher.index.search import Posting
from consumers.matcher.match import CompiledCondition, CompiledRule
from consumers.matcher.necessary import kinds_needed
from consumers.matcher.subject import Subject
from service.model.identity import RuleId
from service.model.rule import Rule


class RuleSet:
    """Rules, found by what they ask for; none of them knows its channels."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        builder = Builder()
        for rule in paused(rules):
            builder.add(rule)
        self._level = builder.level()

    def __len__(self) -> int:
        return len(self._level)

    @property
    def conditions(self) -> int:
        """How many different things they ask for."""
        return len(self._level.scopes)

    def found(self, subject: Subject) -> Sequence[Posting]:
        """The conditions that *subject* meets, and those that must be held against it to tell, by their numbers."""
        return self._level.found(subject)

    def candidates(self, subject: Subject) -> Iterator[CompiledRule]:
        """The rules that ask for these conditions; those with equal conditions come together, and share one."""
        level = self._level
        for piece in level.found(subject):
            for condition in piece:
                asked = level.condition(condition)
                compiled: CompiledCondition | None = None
                for number in level.rules_of(condition):
                    rule = asked.joined(level.owners[number])
                    compiled = compiled or CompiledCondition.of(rule.condition)
                    yield CompiledRule(rule, compiled)

    def works(self, rule: RuleId, subject: Subject) -> bool:
        """Whether *rule* is one that *subject* may concern, and can be held against it, whatever comes of it."""
        number = self._level.place(rule)
        if number is None:
            return False
        held = CompiledRule.of(self._level.rule(number))
        kinds = kinds_needed(held.key)
        if kinds is not None and kinds.isdisjoint(kind for fact in subject.facts for kind in fact.kinds):
            return False
        if not self._level.leads(looked_up(subject), self._level.conditions[number]):
            return False
        try:
            held.matches(subject)
        except Exception:
            return False
        return True
