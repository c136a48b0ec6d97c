"""The index finds exactly the rules that a scan of all of them finds, however it came to be."""

import random
from collections.abc import Iterable

from msgspec.structs import replace

from consumers.matcher.index.ruleset import RuleSet
from consumers.matcher.match import CompiledRule
from consumers.matcher.subject import Subject
from service.model.identity import Revision, RuleId, WorkspaceId
from service.model.rule import Rule
from tests.matcher.pairs import a_chance_subject, differences, sections, usable


def test_the_index_finds_what_a_scan_finds() -> None:
    """Rule sets and filings by chance: nothing is missed, nothing found twice, and the same rows meet."""
    subjects = [a_chance_subject(random.Random(number)) for number in range(200)]
    found = [differences(seed, subjects[seed * 10 : seed * 10 + 10]) for seed in range(20)]

    assert [] == [one for differing in found for one in differing]


def test_a_changed_index_is_the_one_that_would_be_made_anew() -> None:
    """Rules come, go and are replaced, some in one change, over and over."""
    chance = random.Random(7)
    made = _owned(usable(*sections(chance, 120)), chance)
    standing: dict[RuleId, CompiledRule] = {}
    ruleset = RuleSet()
    for number in range(60):
        gone = chance.sample(sorted(standing), min(len(standing), chance.choice([0, 0, 1, 2])))
        new = [replace(one, revision=Revision(number)) for one in chance.sample(made, chance.choice([0, 1, 1, 3, 20]))]
        ruleset = ruleset.changed(gone, new)
        standing = {id_: rule for id_, rule in standing.items() if id_ not in gone} | {
            one.id: CompiledRule.of(one) for one in new
        }

        assert len(standing) == len(ruleset)
        for subject in (a_chance_subject(chance) for _ in range(3)):
            assert _scanned(standing.values(), subject) == _found(ruleset, subject)


def test_what_is_changed_leaves_the_one_before_as_it_was() -> None:
    """Whoever works on a batch holds on to it."""
    chance = random.Random(8)
    made = usable(*sections(chance, 60))
    before = RuleSet(made)
    subjects = [a_chance_subject(chance) for _ in range(20)]
    found = [_found(before, subject) for subject in subjects]
    before.changed([made[0].id], [replace(one, revision=Revision(9)) for one in made[1:9]])

    assert found == [_found(before, subject) for subject in subjects]


def test_many_small_changes_make_few_levels() -> None:
    """Each filing asks all of them: there must not be one for each change."""
    chance = random.Random(9)
    made = usable(*sections(chance, 200))
    ruleset = RuleSet()
    for rule in made:
        ruleset = ruleset.changed([], [rule])

    assert len(made) == len(ruleset)
    assert len(ruleset.levels) <= 5


def _owned(rules: Iterable[Rule], chance: random.Random) -> list[Rule]:
    """*rules* of several workspaces, some of them described; no channels, which the matcher does not ask."""
    return [
        replace(
            one,
            workspace=WorkspaceId(f"ws_{chance.randrange(3)}"),
            description=chance.choice([None, "", "für uns", one.name]),
            channels=(),
        )
        for one in rules
    ]


def _scanned(rules: Iterable[CompiledRule], subject: Subject) -> list[Rule]:
    """Those of *rules* that *subject* meets."""
    return sorted((one.rule for one in rules if one.matches(subject) is not None), key=lambda rule: rule.id)


def _found(ruleset: RuleSet, subject: Subject) -> list[Rule]:
    found = [one.rule for one in ruleset.candidates(subject) if one.matches(subject) is not None]
    return sorted(found, key=lambda rule: rule.id)
