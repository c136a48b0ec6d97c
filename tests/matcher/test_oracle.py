"""Facts of the past equal another calculation from their definitions alone, over filings by the thousand."""

import csv
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from msgspec.structs import replace
from sqlalchemy import delete, insert

from consumers.matcher.facts.fact import AtLeast
from consumers.matcher.facts.registry import value
from consumers.matcher.recalling import before
from consumers.matcher.subject import Subject
from service.control import recalling
from service.history.importing import Importer
from service.history.sets import sets_in
from service.model.filing import Times
from service.model.parsed import ParsedFiling
from service.store import Database, history
from service.store.history import key_of
from service.store.marks import PAST
from service.store.schema import marks
from tests.kit import datasets
from tests.kit.market import market
from tests.kit.quarters import TABLES, Quarter, an_empty_set
from tests.matcher import oracle
from tests.matcher.kept import BEGUN, LATER, keep
from tests.matcher.oracle import Oracle

FACTS = (
    "days_since_purchase",
    "days_since_sale",
    "days_since_grant",
    "reversal",
    "habit",
    "size_to_usual",
    "holding_change",
)
ENDED = datetime(2026, 1, 1, 12, tzinfo=UTC)  # every set was brought by then; the first filing that was kept is of then
WHOLE = int(os.environ.get("ORACLE", "6000"))  # filings that are generated
GRANTS = ("option", "sar", "warrant", "rsu", "partnership-unit")  # as the labels call them
FOOTNOTED = {f"0001225208-24-00{number}" for number in (7253, 7254, 7255)}
"""Filings with 2,577 units of which a footnote alone says that they are fees turned into units: by title, an award."""

_PIECE = 200


async def test_a_few_generated_filings_are_as_the_definitions_say(database: Database, tmp_path: Path) -> None:
    """Every fourth of them; each fact is known of some, and unknown of others."""
    told = await generated(database, tmp_path, 700, years=4)
    wrong = await compared(database, told, sorted(told.filings)[::4])

    assert [] == wrong.wrong
    assert set(FACTS) == set(wrong.known) == set(wrong.unknown)


@pytest.mark.long
async def test_generated_filings_are_as_the_definitions_say(
    database: Database, tmp_path: Path, figures: list[str]
) -> None:
    """Years of them: ORACLE says how many (`make oracle`: 100,000)."""
    told = await generated(database, tmp_path, WHOLE, years=6)
    found = await compared(database, told, sorted(told.filings))
    figures.append(f"oracle, {len(told.filings):,} generated filings: {found}")

    assert [] == found.wrong[:20]


@pytest.mark.long
async def test_a_real_quarter_is_as_the_definitions_say(database: Database, tmp_path: Path, figures: list[str]) -> None:
    """The half of one that FORM4_DATASETS has; whoever signed stands for the owners, of whom it has no table."""
    path = half_a_quarter().zipped(tmp_path / "2024q3_form345.zip")
    told = await brought(database, path, quarters(2020, 2024), BEGUN, is_grant=labelled())
    found = await compared(database, told, sorted(told.filings))
    figures.append(f"oracle, {len(told.filings):,} filings of 2024q3: {found}")

    assert [] == found.wrong[:20]


@dataclass
class Compared:
    """How facts of the past fared."""

    wrong: list[Any]
    known: Counter[str]
    unknown: Counter[str]

    def __str__(self) -> str:
        count = sum(self.known.values()) + sum(self.unknown.values())
        each = ", ".join(f"{name} {self.known[name]:,}/{self.unknown[name]:,}" for name in FACTS)
        return f"{count:,} facts, {len(self.wrong):,} different; known/unknown: {each}"


async def generated(database: Database, folder: Path, count: int, *, years: int) -> Oracle:
    """*count* filings, that sets brought."""
    for quarter in market(count, first=2025 - years, years=years):
        quarter.zipped(folder / f"{quarter.name}_form345.zip")
    return await brought(database, folder, ())


async def brought(
    database: Database,
    path: Path,
    names: Sequence[str],
    *kept: ParsedFiling,
    is_grant: Callable[[oracle.Told], bool] | None = None,
) -> Oracle:
    """The sets in *path*, and what was *kept* before; sets called *names* were brought, too, with nothing in them."""
    await keep(database, *kept)
    for one in sets_in([path]):
        await Importer(database, lambda: ENDED, lambda _: None).bring(one)
    async with database.transaction() as tx:
        await tx.execute(delete(marks).where(marks.c.name == PAST))
        await tx.execute(insert(marks), {"name": PAST, "at": ENDED})
    for name in (*names, *quarters(2025, 2026)):
        await an_empty_set(database, name, ENDED)
    every = await oracle.read(database)
    return Oracle(every, min(one["filed"] for one in every), is_grant)


async def compared(database: Database, told: Oracle, keys: Sequence[int]) -> Compared:
    """The facts of the filings *keys*, by the matcher and as they were *told*."""
    found = Compared([], Counter(), Counter())
    ordered = sorted(keys, key=lambda key: (told.filings[key]["known"], key))
    for start in range(0, len(ordered), _PIECE):
        past = {key_of(one.accession): one for one in await history.whole(database, ordered[start : start + _PIECE])}
        parsed = await recalling.several(database, list(past))
        known = {key: _known(one, past[key].known) for key, one in parsed.items()}
        batch = [known[key] for key in ordered[start : start + _PIECE]]
        looked = await before(database, batch, LATER)
        for key in ordered[start : start + _PIECE]:
            one = known[key]
            subject = Subject.of(one.filing, one.document, looked[one.filing.accession])
            _compare(subject, told.facts(key), found)
    return found


def _known(one: ParsedFiling, at: datetime) -> ParsedFiling:
    return replace(one, filing=replace(one.filing, times=Times(accepted=at)))


def _compare(subject: Subject, rows: Sequence[oracle.Told], found: Compared) -> None:
    for row, expected in zip(subject.facts, rows, strict=True):
        for name in FACTS:
            fact = value(name, subject, row)
            (found.unknown if fact is None else found.known)[name] += 1
            said = ("at least", Decimal(fact)) if isinstance(fact, AtLeast) else fact
            if said != expected[name]:
                found.wrong.append((subject.filing.accession, row.place, name, said, expected[name]))


def quarters(first: int, last: int) -> list[str]:
    """The names of the sets of these years, but for the third quarter of 2024."""
    every = [f"{year}q{quarter}" for year in range(first, last + 1) for quarter in range(1, 5)]
    return [name for name in every if name != "2024q3"]


def labelled() -> Callable[[oracle.Told], bool]:
    """Which rows of Table II are grants, as people have labelled them; those of Table I are of shares."""
    with (datasets.folder() / "labels" / "grants.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    given = {int(row["DERIV_TRANS_SK"]) for row in rows if row["label"] in GRANTS or row["accession"] in FOOTNOTED}
    return lambda row: row["part"] == 1 or row["number"] in given


def half_a_quarter() -> Quarter:
    """The tables that there are, with a table of owners made of the signatures."""
    tables = {name: list(datasets.rows(name)) for name in TABLES if (datasets.folder() / f"{name}.tsv").is_file()}
    signed = {row["ACCESSION_NUMBER"]: row["OWNERSIGNATURENAME"] for row in tables["OWNER_SIGNATURE"]}
    owners = [
        {"ACCESSION_NUMBER": accession, "RPTOWNERCIK": f"{crc32(name.encode()):010d}", "RPTOWNERNAME": name}
        for accession, name in signed.items()
    ]
    return Quarter(name="2024q3", tables={name: [] for name in TABLES} | tables | {"REPORTINGOWNER": owners})
