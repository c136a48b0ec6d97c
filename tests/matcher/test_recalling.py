"""What was filed before is looked up for those filings alone of which it can decide something."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from consumers.matcher.index.ruleset import RuleSet
from consumers.matcher.subject import Subject
from service.model.filing import Accession, Cik
from service.model.identity import RuleId
from service.model.ownership import AcquiredDisposed
from service.model.past import Before, Brought, Earlier, KeptRow
from tests.kit.documents import a_row
from tests.matcher.pairs import OWNERS, a_chance_subject, sections, usable

ASKED: tuple[dict[str, Any], ...] = (
    {"days_since_purchase": "> 300 days"},
    {"days_since_sale": "< 200"},
    {"reversal": True},
    {"habit": "opportunistic"},
    {"size_to_usual": ">= 2 times"},
    {"holding_change": ">= 1%"},
    {"not": {"reversal": True}},
    {"not": {"days_since_sale": "> 20", "value": ">= 50"}},
    {"any_of": [{"reversal": True}, {"value": ">= 100"}]},
    {"any_of": [{"kinds": "purchase", "days_since_purchase": "> 100"}, {"shares": "> 5000"}]},
    {"when": "value > 100 && days_since_purchase > 300"},
)


def test_a_filing_on_which_nothing_hangs_is_met_alike_whatever_was_before() -> None:
    """Over the whole language, before and after rules were changed; and it matters for some of the others."""
    chance, hanging, decided = random.Random(20250305), 0, 0
    for seed in range(8):
        lists, every = sections(random.Random(seed), 25)
        asking = {name: _asking(chance, asked) for name, asked in every.items()}
        made = usable(lists, asking)
        ruleset = RuleSet(made[: len(made) // 2]).changed([one.id for one in made[:3]], made[len(made) // 2 :])
        for _ in range(20):
            subject = a_chance_subject(chance)
            looked_up = subject.after(_a_past(chance))
            same = _met(ruleset, subject) == _met(ruleset, looked_up)
            hanging += ruleset.hangs_on_past(subject)
            decided += not same
            assert same or ruleset.hangs_on_past(subject)

    assert 5 < decided < hanging < 140, (decided, hanging)


def test_nothing_hangs_on_rules_that_are_gone() -> None:
    """Nor is anything looked up where no rule asks."""
    chance = random.Random(3)
    (rule,) = usable({}, {"rule": {"days_since_purchase": "> 1", "channels": "desk"}})
    (other,) = usable({}, {"other": {"value": "> $1", "channels": "desk"}})
    ruleset = RuleSet([rule, other])
    subjects = [one for one in (a_chance_subject(chance) for _ in range(20)) if one.facts]

    assert all(map(ruleset.hangs_on_past, subjects))
    assert not any(map(ruleset.changed([rule.id], []).hangs_on_past, subjects))
    assert (True, False) == (ruleset.asks_past, RuleSet([other]).asks_past)


def _asking(chance: random.Random, asked: dict[str, Any]) -> dict[str, Any]:
    return asked | chance.choice(ASKED) if chance.random() < 0.8 else asked


def _met(ruleset: RuleSet, subject: Subject) -> dict[RuleId, list[str]]:
    rows = {one.rule.id: one.matches(subject) for one in ruleset.candidates(subject)}
    return {rule: [row.place for row in found] for rule, found in rows.items() if found is not None}


def _a_past(chance: random.Random) -> Before:
    filings = [_earlier(chance, number) for number in range(chance.randrange(4))]
    complete = chance.choice([None, date(2025, 3, 2), date(2024, 12, 1), date(2015, 1, 1)])
    return Before(filings=tuple(sorted(filings, key=lambda one: one.known, reverse=True)), complete=complete)


def _earlier(chance: random.Random, number: int) -> Earlier:
    day = date(2025, 2, 27) - timedelta(days=chance.choice([1, 5, 40, 250, 400]))
    code = chance.choice("PS")
    box = AcquiredDisposed.ACQUIRED if code == "P" else AcquiredDisposed.DISPOSED
    return Earlier(
        accession=Accession(f"0009990900-24-{number:06d}"),
        source=Brought.SET,
        form="4",
        known=datetime(day.year, day.month, day.day, 17, tzinfo=UTC),
        filed=day,
        amends=None,
        owners=frozenset(map(Cik, chance.sample(OWNERS, 3))),
        rows=(KeptRow.of(a_row(code, transaction_date=day, transaction_acquired_disposed_code=box)),),
    )
