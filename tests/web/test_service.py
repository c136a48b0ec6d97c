"""The service over HTTP: whether anything is missing or wrong, and how long filings take."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from service.edgar.pace import Host
from service.model import calendar
from service.model.filing import Accession, Times
from service.model.identity import Revision
from service.model.person import Role, Scope
from service.store import Database, day_records, days, events, filings, marks, matchings, processes, requests
from service.store.matchings import Matching
from service.store.processes import Loaded, Process
from service.store.requests import RequestCounts
from service.web.endpoint import BASE
from service.wire.topics import Topic
from tests.control.desk import seen
from tests.kit.documents import ACCESSION
from tests.kit.filings import now
from tests.web.desk import served
from tests.web.examples import a_letter_came

_DAY = date(2025, 3, 4)


def accessions(count: int, start: int = 1) -> list[Accession]:
    return [Accession(f"0009990900-25-{number:06d}") for number in range(start, start + count)]


async def a_day(database: Database, day: date, made: list[Accession], published: int) -> None:
    """The index of *day* lists what was *made*, of which so many are *published*."""
    async with database.transaction() as tx:
        await seen(tx, made, "pending")
        await days.account(tx, day, now())
        await day_records.list_as(tx, day, made)
        for one in made[:published]:
            await filings.settle(tx, one, filings.FilingState.PUBLISHED)


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
        await requests.add(tx, calendar.eastern_day(at), RequestCounts(feed=4, document=2, peak=3))
    async with served(either, tmp_path) as desk:
        answer = await desk.ask("GET", f"{BASE}/service", await desk.token(Role.VIEWER))

    found = answer.content
    parts = {part["role"]: part["processes"] for part in found["parts"]}
    assert {"poller": 1, "parser": 0, "matcher": 0, "dispatcher": 0, "web": 1} == parts
    assert (4, 2, 3, 5.0) == (*(found["asked"][name] for name in ("feed", "document", "peak")), found["budget"])
    assert [("data", blocked)] == [(one["host"], datetime.fromisoformat(one["until"])) for one in found["blocks"]]
    assert datetime.fromisoformat(found["read"]) == at
    assert "CANARY" not in str(found)


async def test_dead_letters_are_read_part_by_part(either: Database, tmp_path: Path) -> None:
    """Latest first, those on filings for everybody; the others, and their bytes, for who administers the instance."""
    made = [await a_letter_came(either, stage) for stage in ("poller", "parser", "dispatcher", "matcher")]
    async with served(either, tmp_path) as desk:
        reader, whole = await desk.token(Role.VIEWER), await desk.token(scopes=Scope)
        first = await desk.ask("GET", f"{BASE}/dead-letters?limit=2", reader)
        second = await desk.ask("GET", f"{BASE}/dead-letters?limit=2&cursor={first.content['next']}", reader)
        every = await desk.ask("GET", f"{BASE}/dead-letters", whole)
        none = await desk.ask("GET", f"{BASE}/dead-letters?reason=empty", whole)
        shown = await desk.ask("GET", f"{BASE}/dead-letters/{made[1]}", reader)
        hidden = await desk.ask("GET", f"{BASE}/dead-letters/{made[2]}", reader)

    parts = [[one["stage"] for one in part.content["items"]] for part in (first, second)]
    assert [["matcher", "parser"], ["poller"]] == parts
    assert second.content["next"] is None
    assert made[::-1] == [one["id"] for one in every.content["items"]]
    assert [] == none.content["items"]
    assert json.loads(shown.content["original"]["text"])["filing"]["accession"] == ACCESSION
    assert 404 == hidden.status


async def test_a_dead_letter_is_retried_or_dropped(database: Database, tmp_path: Path) -> None:
    """What can be used by now is, once; of the rest it is said why not."""
    good, bad = await a_letter_came(database, "parser"), await a_letter_came(database, "matcher")
    async with served(database, tmp_path) as desk:
        token = await desk.token(scopes=Scope)
        used = [await desk.ask("POST", f"{BASE}/dead-letters/{good}/retry", token) for _ in range(2)]
        unused = await desk.ask("POST", f"{BASE}/dead-letters/{bad}/retry", token)
        dropped = await desk.ask("POST", f"{BASE}/dead-letters/{bad}/drop", token)
        states = await desk.ask("GET", f"{BASE}/dead-letters?state=retried", token)
    parsed = (await events.counts(database)).get(Topic.PARSED, 0)

    assert [{"used": True, "why": None}] * 2 == [one.content for one in used]
    assert not unused.content["used"]
    assert unused.content["why"]
    assert 204 == dropped.status
    assert [good] == [one["id"] for one in states.content["items"]]
    assert 1 == parsed


async def test_where_the_service_runs_is_told_to_who_administers_it(database: Database, tmp_path: Path) -> None:
    """With the file that a process has loaded."""
    at = now()
    loaded = Loaded(path="/etc/filingbell.yaml", digest="x", at=at, fault="line 3")
    process = Process(
        id="p", roles=("web",), version="0.1.0", host="one", pid=7, started=at, beat=at, configuration=loaded
    )
    async with database.transaction() as tx:
        await processes.put(tx, process)
    async with served(database, tmp_path) as desk:
        answer = await desk.ask("GET", f"{BASE}/service/processes", await desk.token(scopes=[Scope.INSTANCE]))

    (one,) = answer.content["items"]
    assert ("one", 7, "/etc/filingbell.yaml", "line 3") == tuple(
        one[name] for name in ("host", "pid", "configuration", "fault")
    )
