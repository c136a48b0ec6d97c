"""The service over HTTP: whether anything is missing or wrong, and how long filings take."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from service.edgar.pace import Host
from service.model import calendar
from service.model.filing import Accession, Times
from service.model.identity import Revision
from service.model.person import Role
from service.store import Database, days, filings, marks, matchings, processes, requests
from service.store.matchings import Matching
from service.store.processes import Process
from service.store.requests import Asked
from service.web.endpoint import BASE
from tests.control.desk import seen
from tests.kit.filings import now
from tests.web.desk import served

_DAY = date(2025, 3, 4)


def accessions(count: int, start: int = 1) -> list[Accession]:
    return [Accession(f"0009990900-25-{number:06d}") for number in range(start, start + count)]


async def a_day(database: Database, day: date, made: list[Accession], published: int) -> None:
    """The index of *day* lists what was *made*, of which so many are *published*."""
    async with database.transaction() as tx:
        await seen(tx, made, "pending")
        await days.account(tx, day, now())
        await days.list_as(tx, day, made)
        for one in made[:published]:
            await filings.settle(tx, one, filings.State.PUBLISHED)


async def a_way(database: Database, seconds: list[float]) -> None:
    """Filings that took so long from the feed to their document."""
    held = []
    for accession, took in zip(accessions(len(seconds)), seconds, strict=True):
        at = now()
        times = Times(seen=at - timedelta(seconds=took), fetched=at, published=at, parsed=at)
        held.append(Matching(accession=accession, revision=Revision(1), at=at, times=times))
    async with database.transaction() as tx:
        await matchings.add(tx, held)


async def test_each_day_says_whether_it_is_proven_and_what_is_missing(either: Database, tmp_path: Path) -> None:
    """The counts of the SEC's index, the filings that are missing by name, and why a day is not proven."""
    await a_day(either, _DAY, accessions(3), 3)
    await a_day(either, _DAY + timedelta(days=1), accessions(2, 10), 1)
    async with either.transaction() as tx:
        await days.schedule(tx, [(_DAY + timedelta(days=2), now())])
        await days.postpone(tx, _DAY + timedelta(days=2), now(), "the index cannot be read: 503", None)
    async with served(either, tmp_path) as desk:
        token = await desk.token()
        answer = await desk.ask("GET", f"{BASE}/completeness?since=2025-03-03&until=2025-03-31", token)
        (one,) = (await desk.ask("GET", f"{BASE}/completeness?since={_DAY}&until={_DAY}", token)).content["items"]

    items = answer.content["items"]
    assert ["complete", "missing", "not proven"] == [item["standing"] for item in items]
    assert [(3, 3, 0), (2, 1, 1), (0, 0, 0)] == [(item["indexed"], item["seen"], item["missing"]) for item in items]
    assert "the index cannot be read: 503" == items[2]["note"]
    assert [accessions(2, 10)[1]] == [item["accession"] for item in answer.content["missing"]]
    assert "2025-03-06" in answer.content["late"]
    assert items[0] == one


@pytest.mark.parametrize("query", ["since=2025-03-05&until=2025-03-04", "since=2020-01-01&until=2025-01-01", "since=x"])
async def test_a_span_that_cannot_be_is_refused(database: Database, tmp_path: Path, query: str) -> None:
    """At its place, and before anything is read."""
    async with served(database, tmp_path) as desk:
        answer = await desk.ask("GET", f"{BASE}/completeness?{query}", await desk.token())

    assert (422, ["since"]) == (answer.status, answer.content["faults"][0]["path"])


async def test_a_look_is_shared_for_some_seconds(database: Database, tmp_path: Path) -> None:
    """Whoever asks how often, the database is asked once; what has changed shows a few seconds later."""
    path = f"{BASE}/completeness?since={_DAY}&until={_DAY}"
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        before = await desk.ask("GET", path, token)
        await a_day(database, _DAY, accessions(1), 1)
        at_once = await desk.ask("GET", path, token)
        desk.clock.later += timedelta(seconds=6)
        later = await desk.ask("GET", path, token)

    assert ([], []) == (before.content["items"], at_once.content["items"])
    assert ["complete"] == [item["standing"] for item in later.content["items"]]


async def test_latency_has_percentiles_of_each_station(either: Database, tmp_path: Path) -> None:
    """Of the last filings that are asked for; stations that none has passed are left out."""
    await a_way(either, [number / 10 for number in range(100)])
    async with served(either, tmp_path) as desk:
        token = await desk.token()
        whole = await desk.ask("GET", f"{BASE}/latency", token)
        some = await desk.ask("GET", f"{BASE}/latency?last=1", token)

    stations = {item["name"]: item["seconds"] for item in whole.content["items"]}
    assert ["fetched", "published", "parsed", "matched"] == list(stations)
    fetched = stations["fetched"]
    assert (100, 5.0, 9.0, 9.9) == (fetched["count"], fetched["p50"], fetched["p90"], fetched["longest"])
    assert 1 == some.content["items"][0]["seconds"]["count"]


async def test_the_service_says_what_runs_and_what_it_asked_of_the_sec(either: Database, tmp_path: Path) -> None:
    """Roles with none to do them too; today's requests, the budget and who refuses us; nothing of where it runs."""
    at = now()
    process = Process(id="p", roles=("poller", "web"), version="0.1.0", host="CANARY", pid=7, started=at, beat=at)
    blocked = at + timedelta(minutes=9)
    async with either.transaction() as tx:
        await processes.put(tx, process)
        await marks.put(tx, marks.READ, at)
        await marks.put(tx, marks.blocked(Host.DATA), blocked)
        await marks.put(tx, marks.blocked(Host.WWW), at - timedelta(minutes=9))
        await requests.add(tx, calendar.eastern_day(at), Asked(feed=4, document=2, peak=3))
    async with served(either, tmp_path) as desk:
        answer = await desk.ask("GET", f"{BASE}/service", await desk.token(Role.VIEWER))

    found = answer.content
    parts = {part["role"]: part["processes"] for part in found["parts"]}
    assert {"poller": 1, "parser": 0, "matcher": 0, "dispatcher": 0, "web": 1} == parts
    assert (4, 2, 3, 5.0) == (*(found["asked"][name] for name in ("feed", "document", "peak")), found["budget"])
    assert [("data", blocked)] == [(one["host"], datetime.fromisoformat(one["until"])) for one in found["blocks"]]
    assert datetime.fromisoformat(found["read"]) == at
    assert "CANARY" not in str(found)
