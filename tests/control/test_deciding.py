"""What is decided by columns, without reading filings, is what reading them says."""

import os
import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import delete, update

from consumers.matcher.columns import FORM, decision
from consumers.matcher.match import CompiledRule
from consumers.parser import parse
from consumers.parser.flags import flags_of
from service.clock import SystemClock
from service.control import backtest as control
from service.control.backtest import backtest
from service.control.preparing import prepare
from service.control.tallied import Backtest
from service.history.importing import Importer
from service.history.sets import Set
from service.model.errors import UnusableDocument
from service.model.fact import SecurityClass
from service.model.filing import Accession
from service.model.flag import FlagCode
from service.model.ownership import Box, FootnoteId, NonDerivativeHolding
from service.model.parsed import ParsedFiling
from service.store import Database, facts
from service.store.schema import history_facts
from tests.control.filed import END, START, filed, keep
from tests.kit.corpus import DOCUMENTS, corpus
from tests.kit.documents import a_document, a_row, an_option
from tests.kit.filings import now
from tests.kit.quarters import a_quarter
from tests.matcher.pairs import DAYS, NUMBERS, a_chance_subject, sections, usable

_FOOT = FootnoteId("F1")
_MORE: dict[str, Any] = {  # keys that rules by chance ask for besides
    "flags": [[one.value] for one in FlagCode],
    "plan": ["plan", "none", "contradictory"],
    "joint": [True, False],
    "relationship_ended": [True, False],
    "continuation": [True, False],
    "security_class": [[one.value] for one in SecurityClass],
    "expiration_date": [f">= {day}" for day in DAYS],
    "years_to_expiry": [">= 9.5", "< 5"],
    "discount": [">= 5%", "<= 0%", "< -10%"],
    "sold_share": [">= 50%", "<= 100%"],
    "filed_on": [">= 2024-01-01", "< 2023-06-01"],
    "shares": [f"{compared} {number}" for compared in (">=", "<") for number in NUMBERS],
}


async def tried(database: Database, rule: CompiledRule) -> Backtest:
    return await backtest(database, rule, START, END, SystemClock())


async def read(database: Database, rule: CompiledRule, monkeypatch: pytest.MonkeyPatch) -> Backtest:
    """What reading every filing says."""
    with monkeypatch.context() as every:
        every.setattr(control, "sought", lambda _: ())
        every.setattr(control, "decision", lambda condition: replace(decision(condition), form=-1))
        return await tried(database, rule)


def asked(chance: random.Random) -> Iterator[CompiledRule]:
    """Rules by chance, over the whole language."""
    lists, section = sections(chance, 20)
    for one in section.values():
        if chance.random() < 0.5:
            for key in chance.sample(list(_MORE), chance.choice([1, 1, 2])):
                target = one if chance.random() < 0.7 else one.setdefault("not", {})
                target.setdefault(key, chance.choice(_MORE[key]))
    return map(CompiledRule.of, usable(lists, section))


def odd_rows(chance: random.Random, day: date) -> list[Any]:
    """Rows whose numbers stand in footnotes, are in another currency, or have more digits than a binary fraction."""
    on = {"transaction_date": day, "shares_owned_following_transaction": None}
    noted = {"footnotes": {Box("conversion_or_exercise_price"): (_FOOT,), Box("transaction_price_per_share"): (_FOOT,)}}
    shares = chance.choice(["1000", "1000.0000000000000001", "999.99999999999999999", "123456789.123456789"])
    return chance.choice(
        [
            [an_option("A", "1000", "0", conversion_or_exercise_price=Decimal(0), **noted, **on)],
            [a_row("P", shares, "10", **noted, **on), a_row("S", shares, None, **on)],
            [a_row("P", "1000", "1", **on), an_option("M", shares, "1", **on, **noted)],
            [],
        ]
    )


def made(chance: random.Random, number: int) -> ParsedFiling:
    """A filing by chance: amendments, and those that report holdings alone, among them."""
    day = date(2023, 1, 2) + timedelta(days=chance.randrange(700))
    document = a_chance_subject(chance).document
    if chance.random() < 0.3:
        text = chance.choice(["In Canadian dollars.", "The strike is in the plan.", "Under a Rule 10b5-1 plan."])
        rows = a_document(*odd_rows(chance, day))
        document = replace(
            document,
            non_derivative_table=rows.non_derivative_table,
            derivative_table=rows.derivative_table,
            footnotes={_FOOT: text},
            not_subject_to_section16=chance.choice([True, False, None]),
        )
    elif chance.random() < 0.1:
        document = replace(
            document,
            derivative_table=(),
            non_derivative_table=(NonDerivativeHolding(security_title="Common Stock", footnotes={}),),
        )
    document = replace(document, flags=tuple(flags_of(document)))
    one = filed(number, day)
    return ParsedFiling(filing=replace(one.filing, form=document.document_type), document=document)


def real(number: int) -> Iterator[ParsedFiling]:
    """The corpus, where there is one."""
    if not os.environ.get("FORM4_CORPUS"):
        return
    for path in sorted(path for folder in DOCUMENTS for path in (corpus() / folder).iterdir()):
        try:
            document = parse(path.read_bytes())
        except UnusableDocument:
            continue
        number += 1
        yield replace(filed(number, date(2024, 2, 1)), document=document)


async def brought(database: Database, folder: Path, filings: int) -> int:
    """Filings by chance, real ones, and those of a set, of which the feed has brought some as well; returns how many.

    Of a few, facts are not kept, or were kept in another form.
    """
    chance = random.Random(156)
    every = [made(chance, number) for number in range(filings)] + list(real(20_000))
    await keep(database, *every)
    quarter = a_quarter(40, quarter=2)
    await Importer(database, now, lambda _: None).bring(Set(quarter.zipped(folder / f"{quarter.name}.zip")))
    for number, row in enumerate(quarter.tables["SUBMISSION"][:5]):
        one = made(chance, 10_000 + number)
        await keep(database, replace(one, filing=replace(one.filing, accession=Accession(row["ACCESSION_NUMBER"]))))
    await prepared(database)
    some = history_facts.c.filing % 10
    async with database.transaction() as tx:
        await tx.execute(delete(history_facts).where(some == 1))
        wrong = dict.fromkeys(("kinds", "value", "shares", "lacks"), 0)
        await tx.execute(update(history_facts).where(some == 2).values(form=FORM - 1, **wrong))
    return len(every) + 40


async def prepared(database: Database) -> None:
    async for _ in prepare(database, SystemClock()):
        pass


async def nothing(*_: Any) -> None:
    pass


async def same(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch, rules: int, filings: int
) -> tuple[int, int, int]:
    """How many rules were compared; of these, how many decided without reading, and how many knew and did not know."""
    every = await brought(database, folder, filings)
    monkeypatch.setattr(facts, "keep", nothing)  # what some lack, they go on lacking
    chance = random.Random(15)
    compared = ahead = rang = unknown = 0
    while compared < rules:
        for rule in islice(asked(chance), rules - compared):
            quick = await tried(database, rule)
            slow = await read(database, rule, monkeypatch)
            assert every == slow.held
            assert slow == replace(quick, held=every, kept=slow.kept), rule.claims
            compared += 1
            ahead += quick.held < every // 4
            rang += quick.rang > 0
            unknown += quick.unknown_count > 0
    return ahead, rang, unknown


async def test_what_is_decided_without_reading_is_what_reading_says(
    either: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When, for whom, and what nothing could tell: of filings and rules by chance."""
    ahead, rang, unknown = await same(either, tmp_path, monkeypatch, 20, 40)

    assert ahead > 10
    assert rang > 2
    assert unknown > 2


@pytest.mark.long
async def test_a_thousand_rules_say_the_same_without_reading(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the whole language."""
    ahead, rang, unknown = await same(database, tmp_path, monkeypatch, 1000, 30)

    assert ahead > 600
    assert rang > 200
    assert unknown > 200
