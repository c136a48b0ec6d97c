"""Of decades of filings few are read, and facts are as if all of them were."""

import os
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from consumers.matcher.facts.registry import FACTS, value
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
from service.store.schema import history_filings, marks
from tests.kit.market import market
from tests.kit.rows import all_of
from tests.matcher.kept import BEGUN, LATER, bought, filed, keep, sold
from tests.matcher.test_oracle import ENDED

NAMES = [name for name, fact in FACTS.items() if fact.of_past and not fact.of_holdings and fact.of_row is not None]
WHOLE = int(os.environ.get("ORACLE", "6000"))


async def test_the_last_purchase_of_long_ago_is_found_among_sales(either: Database) -> None:
    """And what came before it is left out, unless its day is in doubt: then the one before that may have been later."""
    doubted = filed(5, date(2012, 5, 4), bought(date(2013, 5, 1)))
    sales = [filed(10 + year, date(2010 + year, 3, 5), sold(date(2010 + year, 3, 4))) for year in range(15)]
    purchases = [filed(30 + day, date(2009, 6, day), bought(date(2009, 6, day))) for day in (2, 3, 4)]
    await keep(either, BEGUN, *sales, *purchases)
    now = filed(90, date(2025, 3, 6), bought(date(2025, 3, 5)))
    whole, lean = [(await before(either, [now], LATER, holdings=each))[now.filing.accession] for each in (True, False)]
    await keep(either, doubted)
    (with_doubt,) = (await before(either, [now], LATER, holdings=False)).values()

    assert [one.filing.accession for one in (*reversed(sales[-3:]), purchases[-1])] == [
        one.accession for one in lean.filings
    ]
    assert 18 == len(whole.filings)
    assert {one.filing.accession for one in (doubted, *purchases)} < {one.accession for one in with_doubt.filings}


async def test_facts_are_as_if_every_filing_were_read(database: Database, tmp_path: Path) -> None:
    """What they are, and what tells, over twelve years of a market."""
    read, there = await compared(database, tmp_path, 500, every=5)

    assert 100 < read < there, (read, there)


@pytest.mark.long
async def test_facts_of_thousands_are_as_if_every_filing_were_read(database: Database, tmp_path: Path) -> None:
    """The same, of as many as ORACLE says (`make oracle`)."""
    read, there = await compared(database, tmp_path, WHOLE, every=1)

    assert 100 < read < there, (read, there)


async def compared(database: Database, folder: Path, count: int, *, every: int) -> tuple[int, int]:
    """Assert it of *every* so many; returns how many filings were read, and how many were there."""
    for quarter in market(count, first=2013, years=12):
        quarter.zipped(folder / f"{quarter.name}_form345.zip")
    for each in sets_in([folder]):
        await Importer(database, lambda: ENDED, lambda _: None).bring(each)
    async with database.transaction() as tx:
        await tx.add(marks, {"name": PAST, "at": ENDED})
    keys = sorted(key for (key,) in await all_of(database, history_filings.c.filing))[::every]
    read = there = 0
    for start in range(0, len(keys), 200):
        batch = await _known(database, keys[start : start + 200])
        whole, lean = [await before(database, batch, LATER, holdings=holdings) for holdings in (True, False)]
        for one in batch:
            pasts = [known[one.filing.accession] for known in (whole, lean)]
            full, left = [Subject.of(one.filing, one.document, past) for past in pasts]
            there, read = there + len(pasts[0].filings), read + len(pasts[1].filings)
            assert _told(full) == _told(left), one.filing.accession
    return read, there


async def _known(database: Database, keys: list[int]) -> list[ParsedFiling]:
    """As they were accepted, but none before those ahead of it in a batch: all that is known of each is kept."""
    known = {key_of(past.accession): past.known for past in await history.whole(database, keys)}
    parsed = await recalling.several(database, keys)
    return [
        replace(one, filing=replace(one.filing, times=Times(accepted=known[key])))
        for key, one in sorted(parsed.items(), key=lambda item: (known[item[0]], item[0]))
    ]


def _told(subject: Subject) -> list[object]:
    found: list[object] = []
    for row in subject.facts:
        for name in NAMES:
            why = FACTS[name].why
            found.append((row.place, name, repr(value(name, subject, row)), why and why(subject, row)))
    return found
