"""A rule that is not made yet, held against the latest filings."""

from pathlib import Path
from typing import Any

import pytest

from service.clock import SystemClock
from service.control.recent import Recent, recent
from service.model.errors import Faulty
from service.store import Database
from tests.control.desk import CHANNEL, WATCHLIST, Desk, Floor, accession_of
from tests.kit.documents import a_row
from tests.kit.receiver import SECRET

HOOK = {"type": "webhook", "url": "https://example.com/hook", "secrets": SECRET}


class Slow(SystemClock):
    """Whoever looks at it finds that a second has passed."""

    def __init__(self) -> None:
        self._passed = 0.0

    def monotonic(self) -> float:
        self._passed += 1
        return self._passed


async def a_desk(database: Database, home: Path) -> tuple[Floor, Desk]:
    floor = Floor(database, home)
    desk = await floor.desk()
    await desk.add(CHANNEL, "hook", **HOOK)
    return floor, desk


async def looked(floor: Floor, desk: Desk, *, count: int = 200, clock: Any = None, **settings: Any) -> Recent:
    content = {"channels": "hook", **settings}
    clock = clock or SystemClock()
    return await recent(floor.database, floor.vault, desk.workspace, "draft", content, clock, count=count)


async def test_what_would_have_rung_and_the_nearest_that_would_not(either: Database, tmp_path: Path) -> None:
    """The latest first, and of those that fail one claim, the one that lacks least."""
    floor, desk = await a_desk(either, tmp_path)
    for number in range(1, 6):
        await floor.publish(number, rows=[a_row("S", str(number * 100), "10")])
    await floor.publish(6, rows=[a_row("P", "10000", "10")])
    found = await looked(floor, desk, kinds="sale", value=">= $3.5k")

    assert (6, 2, True) == (found.looked, found.rang_count, found.in_time)
    assert [accession_of(5), accession_of(4)] == [one.accession for one in found.rang]
    assert [accession_of(number) for number in (3, 2, 1, 6)] == [one.accession for one in found.near]
    assert "$500 too little" == (found.near[0].miss and found.near[0].miss.short)
    assert "500 shares" in found.rang[0].headline


async def test_it_looks_no_further_than_it_may(either: Database, tmp_path: Path) -> None:
    """So many filings, and so long."""
    floor, desk = await a_desk(either, tmp_path)
    await floor.publish(*range(130))
    few = await looked(floor, desk, count=70, kinds="purchase")
    slow = await looked(floor, desk, clock=Slow(), kinds="purchase")
    every = await looked(floor, desk, kinds="purchase")

    assert [(70, 70, True), (100, 100, False), (130, 130, True)] == [
        (one.looked, one.rang_count, one.in_time) for one in (few, slow, every)
    ]
    assert accession_of(129) == every.rang[0].accession
    assert 20 == len(every.rang)


async def test_a_draft_knows_its_watchlists_and_its_faults(either: Database, tmp_path: Path) -> None:
    """As a rule that is made; without a filing there is nothing to tell."""
    floor, desk = await a_desk(either, tmp_path)
    nothing = await looked(floor, desk)
    await desk.add(WATCHLIST, "ours", ciks=[9900001])
    await desk.add(WATCHLIST, "others", ciks=[5])
    await floor.publish(1)
    ours, others = [await looked(floor, desk, watchlist=name) for name in ("ours", "others")]
    with pytest.raises(Faulty) as caught:
        await looked(floor, desk, kinds="purchse", value="many")

    assert (0, None) == (nothing.looked, nothing.since)
    assert [1, 0] == [one.rang_count for one in (ours, others)]
    assert [("rules", "draft", "kinds"), ("rules", "draft", "value")] == [one.path[:3] for one in caught.value.faults]
