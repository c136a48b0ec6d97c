"""All rules, as the matcher asks for them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from consumers.matcher.index.building import Builder, paused
from consumers.matcher.index.level import Level
from consumers.matcher.index.scope import looked_up
from consumers.matcher.index.search import Numbers
from consumers.matcher.match import CompiledRule
from consumers.matcher.necessary import kinds_needed
from consumers.matcher.subject import Subject
from service.model.identity import RuleId
from service.model.rule import Rule

_LARGER = 4  # how many times as large as those behind it a level is, at least, that a change does not make anew


class Standing(Struct, frozen=True):
    """A level, and which of its rules stand no more."""

    level: Level
    gone: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.level) - len(self.gone)

    def rules(self) -> Iterator[Rule]:
        """Those that stand, without their channels."""
        return (self.level.rule(number) for number in range(len(self.level)) if number not in self.gone)

    def without(self, rules: Collection[RuleId]) -> "Standing":
        """The same without *rules*."""
        gone = {place for rule in paused(rules) if (place := self.level.place(rule)) is not None}
        return self if gone <= self.gone else Standing(self.level, self.gone | gone)


class RuleSet:
    """Rules, found by what they ask for; none of them knows its channels. It never changes.

    What is changed of it is another one, which shares most with it: what is new stands in a small level of its own, and
    levels are made into one as they grow, so that a change costs about what the changes before it were.
    *before*: levels whose rules are in it as well.
    """

    def __init__(self, rules: Iterable[Rule] = (), before: tuple[Standing, ...] = ()) -> None:
        made = Standing(_level(rules))
        self.levels = (*before, made) if made or not before else before

    def __len__(self) -> int:
        return sum(map(len, self.levels))

    @property
    def conditions(self) -> int:
        """How many different things they ask for, at most."""
        return sum(len(one.level.scopes) for one in self.levels)

    @property
    def asks_past(self) -> bool:
        """Whether any of them can rest on what was filed before."""
        return any(one.level.past is not None for one in self.levels)

    @property
    def days_around(self) -> int:
        """For how many days before a filing they ask what others did; 0: they do not."""
        return max((one.level.days_around for one in self.levels), default=0)

    @property
    def asks_holdings(self) -> bool:
        """Whether any of them can rest on what was held before."""
        return any(one.level.holdings for one in self.levels)

    def hangs_on_past(self, subject: Subject) -> bool:
        """Whether what was filed before *subject* can decide what it meets: what they ask besides, it meets."""
        return bool(subject.facts) and any(_hangs_on_past(one, subject) for one in self.levels)

    def changed(self, gone: Collection[RuleId], new: Sequence[Rule]) -> "RuleSet":
        """The same without the rules that are *gone*, and with the *new* ones, in place of those with the same ids."""
        leaving = {*gone, *(rule.id for rule in new)}
        levels = [one for standing in self.levels if (one := standing.without(leaving))]
        joining, count = list[Standing](), len(new)
        while levels and len(levels[-1]) < _LARGER * count:
            joining.insert(0, levels.pop())
            count += len(joining[0])
        rules = (rule for one in joining for rule in one.rules())
        return RuleSet(chain(rules, new), tuple(levels))

    def found(self, subject: Subject) -> Sequence[Numbers]:
        """The conditions that *subject* meets, and those that must be held against it to tell, by their numbers."""
        return [piece for one in self.levels for piece in one.level.found(subject)]

    def candidates(self, subject: Subject) -> Iterator[CompiledRule]:
        """The rules that ask for these conditions; those with equal conditions come together, and share one."""
        for one in self.levels:
            level, gone = one.level, one.gone
            for piece in level.found(subject):
                for condition in piece:
                    asked = level.asking(condition)
                    for number in level.rules_of(condition):
                        if number not in gone:
                            yield CompiledRule(level.owners.of(number, asked.rule), asked.condition)

    def works(self, rule: RuleId, subject: Subject) -> bool:
        """Whether *rule* is one that *subject* may concern, and can be held against it, whatever comes of it."""
        for one in self.levels:
            number = one.level.place(rule)
            if number is not None and number not in one.gone:
                return _works(one.level, number, subject)
        return False


def _hangs_on_past(one: Standing, subject: Subject) -> bool:
    past = one.level.past
    if past is None:
        return False
    for condition in chain.from_iterable(past.found(subject)):
        rules = (one.level.place(past.owner(number)) for number in past.rules_of(condition))
        asked = {one.level.conditions[rule] for rule in rules if rule is not None and rule not in one.gone}
        if any(_is_open(one.level, condition, subject) for condition in asked):
            return True
    return False


def _is_open(level: Level, condition: int, subject: Subject) -> bool:
    try:
        return level.asking(condition).condition.is_open(subject)
    except Exception:  # whose fault it is, holding it tells
        return True


def _works(level: Level, number: int, subject: Subject) -> bool:
    held = CompiledRule.of(level.rule(number))
    kinds = kinds_needed(held.key)
    if kinds is not None and kinds.isdisjoint(kind for fact in subject.facts for kind in fact.kinds):
        return False
    if not level.leads(looked_up(subject), level.conditions[number]):
        return False
    try:
        held.matches(subject)
    except Exception:
        return False
    return True


def _level(rules: Iterable[Rule]) -> Level:
    builder = Builder()
    for rule in paused(rules):
        builder.add(rule)
    return builder.level()
