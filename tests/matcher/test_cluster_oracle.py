"""Clusters and trades of a generated market, against what the generator knows and what the documents say."""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from consumers.matcher.trading import told_before
from service.clock import SystemClock
from service.control.backtest import backtest
from service.history.importing import Importer
from service.history.sets import sets_in
from service.store import Database, history
from service.store.history import key_of
from service.store.marks import PAST
from service.store.schema import marks
from tests.kit.documents import a_rule
from tests.kit.filings import now
from tests.kit.market import market
from tests.kit.quarters import Quarter
from tests.matcher.clusters_by_hand import Asked, filed, ringing

START = datetime(2019, 4, 15, tzinfo=UTC)  # no window reaches beyond the first filing of the first set
ASKED: list[tuple[dict[str, Any], Asked]] = [
    ({"insiders": 2, "within": "10d"}, Asked(2, 10)),
    ({"insiders": 3, "within": "14d", "exclude": "ten-percent-owner"}, Asked(3, 14, without="TenPercentOwner")),
    ({"insiders": 2, "within": "30d", "officers": 2}, Asked(2, 30, officers=2)),
    ({"insiders": 3, "within": "60d", "direction": "sell"}, Asked(3, 60, code="S")),
    ({"insiders": 5, "within": "90d", "direction": "sell", "officers": 1}, Asked(5, 90, code="S", officers=1)),
]


async def brought(database: Database, folder: Path, filings: int, years: int) -> list[Quarter]:
    """The sets of a market, each of which is there."""
    quarters = list(market(filings, years=years))
    for quarter in quarters:
        quarter.zipped(folder / f"{quarter.name}_form345.zip")
    for one in sets_in([folder]):
        await Importer(database, now, lambda _: None).bring(one)
    async with database.transaction() as tx:
        await tx.execute(insert(marks), {"name": PAST, "at": datetime(2019 + years, 1, 2, tzinfo=UTC)})
    return quarters


async def compared(database: Database, quarters: list[Quarter]) -> list[int]:
    """How many filings ring under each rule, of a backtest and by hand alike."""
    every, end = filed(quarters), datetime(2030, 1, 1, tzinfo=UTC)
    days = {one.accession: one.day for one in every}
    counts = []
    for settings, asked in ASKED:
        found = await backtest(database, a_rule(cluster=settings), START, end, SystemClock())
        expected = {name for name in ringing(every, asked) if days[name] >= START.date()}
        assert expected == {*found.rings}, settings
        assert (0, 0) == (found.failed, found.unknown_count), (settings, found.unknown)
        counts.append(len(expected))
    return counts


async def apart(database: Database, quarters: list[Quarter]) -> tuple[int, int, int]:
    """Events with a trade in several filings, those of them that have several ids, and ids of several events."""
    kinds = {name: event for quarter in quarters for name, event in quarter.events.items()}
    ids, events = defaultdict[Any, set[str]](set), defaultdict[str, set[Any]](set)
    names, filings = sorted(kinds), defaultdict[Any, int](int)
    for start in range(0, len(names), 500):
        past = await history.whole(database, [key_of(name) for name in names[start : start + 500]])
        async with database.reading() as connection:
            found = await told_before(connection, [one for one in past if one.form == "4"])
        owners = {one.accession: one.owners[0].rpt_owner_cik for one in past}
        for name, (trade, *_) in found.items():
            event, kind = kinds[name]
            alone = kind in ("grants", "change")  # each director's is one; some are named twice
            filings[event, name if alone else ""] += 1
            ids[event, name if alone else ""].add(trade)
            events[trade].add((event, owners[name] if alone else ""))
    several = [mine for mine, count in filings.items() if count > 1]
    return len(several), sum(len(ids[one]) > 1 for one in several), sum(len(of) > 1 for of in events.values())


async def test_clusters_and_trades_are_as_the_market_has_them(database: Database, tmp_path: Path) -> None:
    """Two years of a small one; `make long` has a large one."""
    quarters = await brought(database, tmp_path, 900, 2)
    counts = await compared(database, quarters)
    several, torn, merged = await apart(database, quarters)

    assert sum(counts) > 30, counts
    assert (0, 0) == (torn, merged)
    assert several > 5


@pytest.mark.long
async def test_clusters_and_trades_of_a_large_market(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four years of seventy companies' filings."""
    quarters = await brought(database, tmp_path, 8_000, 4)
    counts = await compared(database, quarters)
    several, torn, merged = await apart(database, quarters)
    with capsys.disabled():
        print(f"\nclusters: {counts} filings ring; {several} trades in several filings, {torn} torn, {merged} merged")

    assert min(counts) > 3
    assert sum(counts) > 300
    assert (0, 0) == (torn, merged)
