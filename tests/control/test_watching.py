"""Watchlists as people look at them, and entries that are added and removed one by one."""

from pathlib import Path

import pytest

from service.control import provision, putting, resources
from service.control.entries import EntryState
from service.control.placing import Placer
from service.control.watching import WatchlistDetail, overview, told
from service.model.errors import Faulty, Forbidden, Stale
from service.model.resource import Actor, Resource
from service.store import Database
from service.vitals import Unwatched
from tests.control.desk import CHANNEL, RULE, WATCHLIST, Desk, Floor
from tests.control.test_placing import AAPL, BARNES, BARRICK, BRK, sec
from tests.kit.filings import now
from tests.kit.receiver import SECRET

HOOK = {"type": "webhook", "url": "https://example.com/hook", "secrets": SECRET}


async def put(floor: Floor, desk: Desk, key: str, text: str, *, left_out: bool = False) -> Resource:
    return await putting.put(floor.database, floor.vault, desk.actor, "ours", key, text, now(), left_out=left_out)


async def take(floor: Floor, desk: Desk, key: str, text: str, *, left_out: bool = False) -> Resource:
    return await putting.take(floor.database, floor.vault, desk.actor, "ours", key, text, now(), left_out=left_out)


async def looked(floor: Floor, desk: Desk, start: int = 0, limit: int = 10, **narrowed: object) -> WatchlistDetail:
    return await told(floor.database, desk.workspace, "ours", start, limit, **narrowed)  # type: ignore[arg-type]


async def test_a_watchlist_says_what_it_has_and_what_to_look_at(either: Database, tmp_path: Path) -> None:
    """What a person should see to comes first; each entry as it was written."""
    floor = Floor(either, tmp_path)
    desk = await floor.desk()
    async with sec(either) as list_of:
        await list_of.lists(AAPL, BRK, BARNES)
        await desk.add(
            WATCHLIST,
            "ours",
            tickers=["aapl", "BRK/B", "B", "APPL"],
            ciks=[320193],
            owners=["Jane Doe"],
            **{"except": {"owners": ["1214156"]}},
        )
        await list_of.lists(AAPL, BRK, BARRICK)
        await Placer(either, now, Unwatched()).look()
        found = await looked(floor, desk)
        line = (await overview(either, desk.workspace, 0, 10)).lines[0]

    assert [
        ("B", EntryState.MOVED, False),
        ("APPL", EntryState.UNPLACED, False),
        ("aapl", EntryState.PLACED, False),
        ("BRK/B", EntryState.PLACED, False),
        ("320193", EntryState.PLACED, False),
        ("Jane Doe", EntryState.OWNER, False),
        ("1214156", EntryState.OWNER, True),
    ] == [(one.text, one.entry.state, one.entry.left_out) for one in found.entries]
    assert (7, 7, 2, 1) == (found.count, found.total, found.to_look_at, found.moved)
    assert ("BARRICK MINING CORP", ("AAPL",)) == (
        found.entries[0].entry.now and found.entries[0].entry.now.name,
        found.entries[1].entry.nearest[:1],
    )
    assert ({"tickers": 4, "ciks": 1, "owners": 1}, 1, 2) == (line.counts, line.left_out, line.to_look_at)


async def test_a_long_watchlist_is_shown_part_by_part(either: Database, tmp_path: Path) -> None:
    """And narrowed by what an entry or its company is called."""
    floor = Floor(either, tmp_path)
    desk = await floor.desk()
    async with sec(either) as list_of:
        await list_of.lists(AAPL)
        await desk.add(WATCHLIST, "ours", tickers=["AAPL", "ZZZZ"], ciks=list(range(1, 250)))
        second = await looked(floor, desk, 100, 100)
        apple = await looked(floor, desk, text="apple")
        seven = await looked(floor, desk, text="77")
        wanting = await looked(floor, desk, only_to_look_at=True)
        behind = await looked(floor, desk, 1000)

    assert (100, "99", 251) == (len(second.entries), second.entries[0].text, second.total)
    assert ["AAPL"] == [one.text for one in apple.entries]
    assert ["77", "177"] == [one.text for one in seven.entries]
    assert ["ZZZZ"] == [one.text for one in wanting.entries]
    assert ((), 251) == (behind.entries, behind.total)


async def test_rules_that_use_a_watchlist_are_named(either: Database, tmp_path: Path) -> None:
    """Also where a group or an exception does; while one does, it cannot be removed."""
    floor = Floor(either, tmp_path)
    desk = await floor.desk()
    await desk.add(CHANNEL, "hook", **HOOK)
    await desk.add(WATCHLIST, "ours", tickers=["AAPL"])
    await desk.add(WATCHLIST, "others", tickers=["T"])
    await desk.add(RULE, "a", watchlist="ours", channels="hook")
    await desk.add(RULE, "b", any_of=[{"kinds": "sale"}, {"exclude": ["ours"]}], channels="hook")
    await desk.add(RULE, "c", watchlist="others", channels="hook")
    found = await looked(floor, desk)
    lines = (await overview(either, desk.workspace, 0, 10)).lines
    with pytest.raises(Forbidden, match="used by the rules a, b"):
        await desk.remove(WATCHLIST, "ours")

    assert ["a", "b"] == [one.name for one in found.used_by]
    assert {"others": 1, "ours": 2} == {one.watchlist.name: one.used_by for one in lines}


async def test_entries_are_added_and_removed_one_by_one(either: Database, tmp_path: Path) -> None:
    """However they are written; exceptions are entries, too."""
    floor = Floor(either, tmp_path)
    desk = await floor.desk()
    await desk.add(WATCHLIST, "ours", tickers="AAPL")
    await put(floor, desk, "tickers", "brk/b")
    await put(floor, desk, "ciks", "1018724")
    await put(floor, desk, "owners", "Jane Doe", left_out=True)
    added = await desk.find(WATCHLIST, "ours")
    await take(floor, desk, "tickers", "BRK.B")
    await take(floor, desk, "ciks", "0001018724")
    await take(floor, desk, "owners", "jane doe", left_out=True)
    after = await desk.find(WATCHLIST, "ours")

    assert {
        "tickers": ["AAPL", "brk/b"],
        "ciks": ["1018724"],
        "except": {"owners": ["Jane Doe"]},
    } == added.section
    assert {"tickers": ["AAPL"]} == after.section


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("tickers", "aapl", "this is on the list already"),
        ("tickers", "A B C D E", "is not a ticker"),
        ("ciks", "Apple", "is not a CIK"),
        ("owners", "", "is not an owner"),
    ],
)
async def test_what_is_no_entry_is_refused(
    database: Database, tmp_path: Path, key: str, text: str, message: str
) -> None:
    """And says why."""
    floor = Floor(database, tmp_path)
    desk = await floor.desk()
    await desk.add(WATCHLIST, "ours", tickers=["AAPL"])
    with pytest.raises(Faulty, match=message) as caught:
        await put(floor, desk, key, text)

    assert [("entry",)] == [one.path for one in caught.value.faults]


async def test_what_must_not_be_taken_away_stays(database: Database, tmp_path: Path) -> None:
    """What is not there, the last entry, what a file owns, and what somebody else has changed meanwhile."""
    floor = Floor(database, tmp_path)
    desk = await floor.desk()
    before = await desk.add(WATCHLIST, "ours", tickers=["AAPL"])
    with pytest.raises(Faulty, match="not on the list"):
        await take(floor, desk, "tickers", "T")
    with pytest.raises(Faulty, match="is empty"):
        await take(floor, desk, "tickers", "AAPL")
    await put(floor, desk, "tickers", "T")
    with pytest.raises(Stale):
        await putting.take(database, floor.vault, desk.actor, "ours", "tickers", "T", now(), expected=before.revision)
    owner = Actor(name="f", workspace=desk.workspace, file="f")
    await provision.apply(database, floor.vault, owner, {"watchlists": {"theirs": {"tickers": ["T", "A"]}}}, now())
    with pytest.raises(Forbidden):
        await putting.take(database, floor.vault, desk.actor, "theirs", "tickers", "T", now())
    stands = await resources.find(database, desk.workspace, WATCHLIST, "ours")

    assert ["AAPL", "T"] == stands.section["tickers"]
