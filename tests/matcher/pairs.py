"""Rule sets and filings by chance, over the whole language, made to meet often.

What the index finds is compared with what each rule says of each filing.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from consumers.language.rules import rules, watchlists
from consumers.matcher.index.ruleset import RuleSet
from consumers.matcher.match import CompiledRule
from consumers.matcher.subject import Subject
from service.model.errors import ConfigError
from service.model.fact import Kind, Measure
from service.model.filing import Cik
from service.model.identity import RuleId
from service.model.ownership import AcquiredDisposed, Issuer, OwnershipForm
from service.model.rule import Rule
from service.model.tickers import Placement
from tests.kit.documents import a_row, a_subject, an_option, an_owner

TICKERS = [f"T{letter}" for letter in "ABCDEFGH"]
CIKS = [f"{number:010d}" for number in range(1, 7)]
OWNERS = [f"{number:010d}" for number in range(101, 107)]
WORDS = ["Ann", "Bo", "Cy", "Doe", "Eve", "Fox"]
NUMBERS = ["0", "0.5", "1", "9.99", "10", "10.000", "100", "1000", "5000"]
CODES = list("PSADFMXCGJUWZL")
PLACED = [Placement(ticker, Cik(cik), "", date(2025, 3, 1)) for ticker, cik in zip(TICKERS, CIKS[:4], strict=False)]
DAYS = ["2025-03-01", "2025-03-03", "2025-03-05"]
WHEN = [
    "value > 100",
    "shares >= 10 || price < 1",
    "!(net_value > 0)",
    "'ceo' in role",
    "value > 100 && joint",
    "exercise_value > 50 || value > 50",
]


def sections(chance: random.Random, count: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Some watchlists, and *count* rules."""
    lists = {f"list{number}": _watchlist(chance) for number in range(6)}
    return lists, {f"rule{number}": _rule(chance, list(lists)) for number in range(count)}


def _watchlist(chance: random.Random) -> dict[str, Any]:
    kinds = {
        "tickers": lambda: chance.sample(TICKERS, chance.randint(1, 3)),
        "ciks": lambda: chance.sample(CIKS, chance.randint(1, 2)),
        "owners": lambda: [*chance.sample(OWNERS, 1), " ".join(chance.sample(WORDS, chance.randint(1, 2)))],
    }
    return {kind: kinds[kind]() for kind in chance.sample(list(kinds), chance.randint(1, 2))}


def _rule(chance: random.Random, lists: list[str]) -> dict[str, Any]:
    asked = _group(chance, lists, most=4) | {"channels": "desk"}
    if chance.random() < 0.15:
        asked["any_of"] = [_group(chance, lists, most=2, least=1) for _ in range(2)]
    if chance.random() < 0.15:
        asked["not"] = _group(chance, lists, most=2, least=1)
    if chance.random() < 0.3:
        asked["per"] = chance.choice(["row", "filing", "filing", "day", "owner", ["owner", "filing"], ["owner", "day"]])
    return asked


def _group(chance: random.Random, lists: list[str], most: int, least: int = 0) -> dict[str, Any]:
    """What rules and their groups can ask for."""
    asked: dict[str, Any] = {}
    if chance.random() < 0.5:
        asked["watchlist"] = chance.sample(lists, chance.choice([1, 1, 1, 2]))
    if chance.random() < 0.4:
        asked["kinds"] = chance.sample([kind.value for kind in Kind], chance.randint(1, 4))
    for key in chance.sample(list(OTHERS), chance.randint(least, most)):
        asked[key] = OTHERS[key](chance)
    for measure in chance.sample(list(Measure), chance.choice([0, 0, 1, 1, 2])):
        asked[measure.value] = _compared(chance, NUMBERS)
    if "watchlist" in asked and chance.random() < 0.2:
        asked["exclude"] = chance.choice(lists)
    return asked


def _compared(chance: random.Random, limits: Sequence[str]) -> str:
    return f"{chance.choice(['>=', '>', '<=', '<'])} {chance.choice(limits)}"


OTHERS: dict[str, Callable[[random.Random], Any]] = {
    "roles": lambda chance: chance.sample(["director", "officer", "ten-percent-owner", "ceo"], 2),
    "plan_10b5_1": lambda chance: chance.choice([True, False]),
    "ownership": lambda chance: chance.choice(["direct", "indirect"]),
    "amendments": lambda chance: chance.choice(["include", "only", "exclude"]),
    "direction": lambda chance: chance.choice(["acquired", "disposed"]),
    "transaction_code": lambda chance: chance.sample(CODES, 3),
    "security_class": lambda chance: chance.choice(["share", "option", "rsu"]),
    "filed_on": lambda chance: _compared(chance, DAYS),
    "transaction_date": lambda chance: _compared(chance, DAYS),
    "net_value": lambda chance: _compared(chance, NUMBERS),
    "net_shares": lambda chance: _compared(chance, NUMBERS),
    "holding_change": lambda chance: _compared(chance, ["-50%", "10%", "100%"]),
    "days_late": lambda chance: _compared(chance, ["0", "1", "2"]),
    "when": lambda chance: chance.choice(WHEN),
}
"""What is asked for in no relation to the rows' numbers, and facts that are computed from them."""


def usable(lists: dict[str, Any], section: dict[str, Any]) -> list[Rule]:
    """The rules of *section*, without those that could never be met."""
    known = {name: entries.with_placed(PLACED) for name, entries in watchlists(lists).items()}
    found = list[Rule]()
    for name, asked in section.items():
        try:
            found += rules({name: asked}, known, {"desk"})
        except ConfigError:
            continue
    return found


def a_chance_subject(chance: random.Random) -> Subject:
    """A filing with up to four rows."""
    rows = [_row(chance) for _ in range(chance.choice([0, 1, 1, 2, 2, 3, 4]))]
    symbols = tuple(chance.sample(TICKERS, chance.choice([0, 1, 1, 1, 2])))
    owners = [
        an_owner(
            " ".join(chance.sample(WORDS, 2)),
            chance.choice(OWNERS),
            **{tick: chance.random() < 0.4 for tick in ("is_director", "is_officer", "is_ten_percent_owner")},
        )
        for _ in range(chance.choice([1, 1, 2]))
    ]
    return a_subject(
        *rows,
        document_type=chance.choice(["4", "4", "4/A"]),
        aff10b5_one=chance.choice([True, False, None]),
        reporting_owners=tuple(owners),
        issuer=Issuer(
            issuer_cik=Cik(chance.choice(CIKS)),
            issuer_name="EXAMPLE CORP",
            issuer_trading_symbol="/".join(symbols) or None,
            symbols=symbols,
        ),
    )


def _row(chance: random.Random) -> Any:
    def number() -> str | None:
        return chance.choice([*NUMBERS, None, None])

    owned = number()
    more = {
        "direct_or_indirect_ownership": chance.choice([*OwnershipForm, None]),
        "shares_owned_following_transaction": owned and Decimal(owned),
        "transaction_date": date.fromisoformat(chance.choice(DAYS)) if chance.random() < 0.9 else None,
        "transaction_acquired_disposed_code": chance.choice(list(AcquiredDisposed)),
    }
    if chance.random() < 0.5:
        return a_row(chance.choice(CODES), number(), number(), **more)
    return an_option(chance.choice(CODES), number(), number(), **more)


def differences(seed: int, subjects: Iterable[Subject], count: int = 40) -> Iterator[tuple[RuleId, Subject]]:
    """The rules of one rule set, and which of *subjects*, on which the index and the scan of all rules differ."""
    made = usable(*sections(random.Random(seed), count))
    ruleset, every = RuleSet(made), [CompiledRule.of(rule) for rule in made]
    for subject in subjects:
        naive = {rule.rule.id: rows for rule in every if (rows := rule.matches(subject)) is not None}
        found = [
            (rule.rule.id, rows) for rule in ruleset.candidates(subject) if (rows := rule.matches(subject)) is not None
        ]
        if len(found) != len(dict(found)) or dict(found) != naive:
            yield from ((one, subject) for one in naive.keys() ^ dict(found).keys() or naive.keys())
