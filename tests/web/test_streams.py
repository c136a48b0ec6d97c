"""Alerts and filings as they come over HTTP: to whom, from where on, and until when."""

import asyncio
import re
import socket
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web
from msgspec.structs import replace

from service.control import people
from service.model.filing import Accession
from service.model.identity import DEFAULT, WorkspaceId
from service.model.parsed import ParsedFiling
from service.model.person import Role
from service.store import Database, events, pruning
from service.web import sse, standing, streaming
from service.web.api.streams import STREAMS
from service.web.endpoint import BASE
from service.web.stream import Stream
from service.wire.topics import Topic, alert_event, parsed_event
from tests.kit.answering import answering
from tests.kit.documents import a_document, a_filing, a_row, an_alert
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.web.desk import Web, served
from tests.web.follower import Follower, following

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
ALERTS, FILINGS = f"{BASE}/alerts/stream", f"{BASE}/filings/stream"
every_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda one: one.name)


async def alerts_come(database: Database, *names: str, workspace: WorkspaceId = DEFAULT) -> None:
    """An alert for each of *names*, which is its rule, in one transaction each."""
    for name in names:
        alert = replace(an_alert(a_row()), id=str(uuid4()), workspace=workspace, rule=name)
        async with database.transaction() as tx:
            tx.emit(alert_event(alert, now()))


async def filings_come(database: Database, *numbers: int, remarks: str | None = None) -> None:
    """A filing of each of *numbers*, parsed."""
    document = a_document(a_row(), remarks=remarks)
    for number in numbers:
        filing = a_filing(accession=Accession(f"0009990900-25-{number:06d}"))
        async with database.transaction() as tx:
            tx.emit(parsed_event(ParsedFiling(filing=filing, document=document), now()))


def rules(follower: Follower) -> list[str]:
    """The rule of each alert that it was told of."""
    return [one.data["rule"] for one in follower.told if one.name == "alert"]


async def test_alerts_come_as_they_ring_and_a_reader_goes_on_where_it_was(either: Database, tmp_path: Path) -> None:
    """From now on at first; after an id, whether as header or in the address, all that came since, each once."""
    async with served(either, tmp_path) as desk:
        token = await desk.token()
        await alerts_come(either, "before")
        async with following(f"{desk.url}{ALERTS}", token) as first:
            await alerts_come(either, "a", "b")
            await first.until(lambda one: len(one.told) == 2)
        await alerts_come(either, "c", "d")
        async with following(f"{desk.url}{ALERTS}", token, first.last) as second:
            await second.until(lambda one: len(one.told) == 2)
        async with following(f"{desk.url}{ALERTS}?after={first.told[0].id}", token) as third:
            await third.until(lambda one: len(one.told) == 3)
        listed = await desk.ask("GET", f"{BASE}/openapi.json")

    assert [["a", "b"], ["c", "d"], ["b", "c", "d"]] == [rules(one) for one in (first, second, third)]
    assert {"filingbell.alert.v1"} == {one.data["type"] for one in third.told}
    assert "text/event-stream" in str(listed.content["paths"][ALERTS]["get"]["responses"]["200"])


async def test_what_is_cut_off_before_anything_came_misses_nothing(database: Database, tmp_path: Path) -> None:
    """The first that a reader is told is where it stands."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        async with following(f"{desk.url}{ALERTS}", token) as reader:
            stands = reader.last
        await alerts_come(database, "a")
        async with following(f"{desk.url}{ALERTS}", token, stands) as reader:
            await reader.until(lambda one: len(one.told) == 1)

    assert ["a"] == rules(reader)


async def test_a_workspace_is_told_of_its_own_alerts_alone(database: Database, tmp_path: Path) -> None:
    """As they come, and when it reads what came before; filings are everybody's."""
    async with served(database, tmp_path) as desk:
        other = await desk.workspace("other")
        ours, theirs = await desk.token(), await desk.token(workspace=other)
        async with (
            following(f"{desk.url}{ALERTS}", ours) as us,
            following(f"{desk.url}{ALERTS}", theirs) as them,
            following(f"{desk.url}{FILINGS}", theirs) as readers,
        ):
            await alerts_come(database, "ours")
            await alerts_come(database, "theirs", workspace=other)
            await alerts_come(database, "ours too")
            await filings_come(database, 1)
            await us.until(lambda one: len(one.told) == 2)
            await them.until(lambda one: len(one.told) == 1)
            await readers.until(lambda one: len(one.told) == 1)
        async with following(f"{desk.url}{ALERTS}?after=0", theirs) as later:
            await later.until(lambda one: len(rules(one)) == 1)

    assert [["ours", "ours too"], ["theirs"], ["theirs"]] == [rules(one) for one in (us, them, later)]
    assert ["0009990900-25-000001"] == [one.data["filing"]["accession"] for one in readers.told]


@every_stream
async def test_who_may_follow_does_and_nobody_else(database: Database, tmp_path: Path, stream: Stream) -> None:
    """Without a token 401, without the scope 403."""
    async with served(database, tmp_path) as desk:
        path = f"{BASE}{stream.path}"
        admin = await desk.token()
        writer = await desk.ask("POST", f"{BASE}/tokens", admin, {"name": "writer", "scopes": ["write"]})
        refused = [await desk.ask("GET", path, one) for one in (None, "fbt_x", writer.content["secret"])]
        async with following(f"{desk.url}{path}", await desk.token(Role.VIEWER)) as reader:
            let_in = reader.statuses

    assert [401, 401, 403] == [one.status for one in refused]
    assert [200] == let_in


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 19, "٣"])
async def test_what_is_no_id_is_refused_with_its_place(database: Database, tmp_path: Path, last: str) -> None:
    """Rather than taken for the beginning, or for now."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        header = await desk.ask("GET", ALERTS, token, Last_Event_ID=last)
        query = await desk.ask("GET", f"{ALERTS}?after={last}", token)

    assert [422, 422] == [header.status, query.status]
    assert [["Last-Event-ID"]] == [fault["path"] for fault in header.content["faults"]]
    assert [["after"]] == [fault["path"] for fault in query.content["faults"]]


async def test_a_reader_whose_events_are_pruned_is_told_from_where_it_goes_on(either: Database, tmp_path: Path) -> None:
    """Once, and then all that is kept; a reader who had read what was pruned is told of nothing."""
    async with served(either, tmp_path) as desk:
        token = await desk.token()
        async with following(f"{desk.url}{ALERTS}", token) as reader:
            await alerts_come(either, "a", "b", "c")
            await reader.until(lambda one: len(one.told) == 3)
        ids = [one.id for one in reader.told]
        async with either.transaction() as tx:
            await pruning.forget(tx, {Topic.ALERTS: int(ids[1])}, now() + timedelta(days=1), 100)
        gaps = {}
        for last in (*ids, str(int(ids[-1]) + 1)):
            async with following(f"{desk.url}{ALERTS}", token, last) as again:
                await alerts_come(either, "d")
                await again.until(lambda one: "d" in rules(one))
            gaps[last] = [(one.data["asked"], one.data["after"]) for one in again.told if one.name == "gap"]
            if last == ids[0]:
                assert ["c", "d"] == rules(again)

    assert {ids[0]: [(int(ids[0]), int(ids[1]))], ids[1]: [], ids[2]: [], str(int(ids[2]) + 1): []} == gaps


async def test_an_id_of_another_log_is_told_so(database: Database, tmp_path: Path) -> None:
    """As after a restored backup: from there on it is told what comes."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        await alerts_come(database, "a")
        async with following(f"{desk.url}{ALERTS}", token, "5000") as reader:
            await alerts_come(database, "b")
            await reader.until(lambda one: len(one.told) == 2)

    assert ["gap", "alert"] == [one.name for one in reader.told]
    assert "another" in reader.told[0].data["detail"]
    assert ["b"] == rules(reader)


async def test_all_events_of_a_topic_can_be_gone(database: Database, tmp_path: Path) -> None:
    """After a quiet week the table is empty, and still says where the log stands."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        async with following(f"{desk.url}{ALERTS}", token) as reader:
            await alerts_come(database, "a")
            await reader.until(lambda one: len(one.told) == 1)
        first, end = await events.bounds(database)
        async with database.transaction() as tx:
            assert 1 == await pruning.forget(tx, {Topic.ALERTS: end}, now() + timedelta(days=1), 100)
        async with following(f"{desk.url}{ALERTS}", token, reader.last) as again:
            await alerts_come(database, "b")
            await again.until(lambda one: len(one.told) == 1)

    assert (1, 2) == (first, end)
    assert ["b"] == rules(again)


async def test_a_quiet_stream_says_where_its_reader_stands(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that whoever comes back after a quiet week has not to read the week."""
    monkeypatch.setattr(streaming, "_BEAT", 0.02)
    async with served(database, tmp_path) as desk, following(f"{desk.url}{ALERTS}", await desk.token()) as reader:
        await filings_come(database, 1, 2, 3)
        _, end = await events.bounds(database)
        await reader.until(lambda one: one.last == str(end))

    assert [] == reader.told


async def test_a_stream_ends_when_its_token_is_revoked(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And comes back for nobody; streams of other tokens go on."""
    monkeypatch.setattr(standing, "EVERY", 0.02)
    async with served(database, tmp_path) as desk:
        admin = await desk.token()
        made = await desk.ask("POST", f"{BASE}/tokens", admin, {"name": "reader", "scopes": ["read"]})
        async with (
            following(f"{desk.url}{ALERTS}", made.content["secret"]) as reader,
            following(f"{desk.url}{ALERTS}", admin) as other,
        ):
            await desk.ask("DELETE", made.headers["Location"], admin)
            await reader.until(lambda one: 401 in one.statuses)
            await alerts_come(database, "after")
            await other.until(lambda one: len(one.told) == 1)

    assert ([200, 401], []) == (reader.statuses[:2], reader.told)
    assert [200] == other.statuses


async def test_a_stream_ends_after_its_time_and_its_reader_goes_on(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lets somebody in in front of the service is asked again."""
    monkeypatch.setattr(streaming, "_LONGEST", 0.05)
    monkeypatch.setattr(streaming, "_BEAT", 0.02)
    async with served(database, tmp_path) as desk, following(f"{desk.url}{ALERTS}", await desk.token()) as reader:
        await reader.until(lambda one: len(one.statuses) == 3)
        await alerts_come(database, "a", "b")
        await reader.until(lambda one: len(one.told) == 2)

    assert ["a", "b"] == rules(reader)


@pytest.mark.parametrize("way", ["sign out", "enter"])
async def test_a_persons_stream_ends_with_the_session_and_with_its_workspace(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """What a browser shows next is asked for anew: nothing of the workspace before comes any more."""
    monkeypatch.setattr(standing, "EVERY", 0.02)
    async with served(database, tmp_path) as desk:
        other = await desk.workspace("other")
        link = await people.first_link(database, now())
        assert link is not None
        await people.join(database, link, "Anna", "correct horse", now())
        signed = await people.sign_in(database, "Anna", "correct horse", now())
        assert signed is not None
        who, secret = signed
        async with following(f"{desk.url}{ALERTS}", f"filingbell={secret}") as reader:
            await alerts_come(database, "before")
            await reader.until(lambda one: len(one.told) == 1)
            await (people.sign_out(database, who) if way == "sign out" else people.enter(database, who, other))
            await reader.until(lambda one: len(one.statuses) > 1)
            await alerts_come(database, "after")
            await alerts_come(database, "theirs", workspace=other)
            await reader.until(lambda one: one.statuses[1] == 401 or len(one.told) > 1)

    expected = (401, ["before"]) if way == "sign out" else (200, ["before", "theirs"])
    assert expected == (reader.statuses[1], rules(reader))


async def test_a_reader_that_takes_nothing_is_ended_and_holds_up_nobody(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others are told meanwhile; it loses nothing by coming back."""
    monkeypatch.setattr(sse, "_PATIENCE", 0.2)
    large = "x" * 500_000
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        async with following(f"{desk.url}{FILINGS}", token) as other:
            start = other.last
            slow = socket.create_connection(("127.0.0.1", int(desk.url.rpartition(":")[2])))
            head = f"GET {FILINGS} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
            slow.sendall(head.encode())
            await asyncio.to_thread(slow.recv, 100)
            await filings_come(database, *range(40), remarks=large)
            await other.until(lambda one: len(one.told) == 40)
            await eventually(lambda: _follow(desk, 1))
            ended = await asyncio.to_thread(_ends, slow)
        async with following(f"{desk.url}{FILINGS}", token, start) as again:
            await again.until(lambda one: len(one.told) == 40)

    assert ended < 40 * len(large)
    assert list(range(40)) == [int(one.data["filing"]["accession"][-6:]) for one in again.told]


async def _follow(desk: Web, count: int) -> bool:
    """Whether as many follow filings."""
    return desk.context.feeds.topic(Topic.PARSED).readers == count


def _ends(slow: socket.socket) -> int:
    """How many bytes were under way when the connection was broken."""
    taken = 0
    try:
        while part := slow.recv(1 << 20):
            taken += len(part)
    except ConnectionError:
        pass
    slow.close()
    return taken


async def test_the_documented_client_prints_what_comes(database: Database, tmp_path: Path) -> None:
    """As it is printed in docs/api.md, but for the address, the token, and what it has read last."""
    (script,) = re.findall(r"```python\n(import json, time.*?)```", DOCS.read_text(), re.DOTALL)
    async with served(database, tmp_path) as desk:
        await alerts_come(database, *"abc")
        for told, own in (("fbt_...", await desk.token()), ("http://127.0.0.1:8787", desk.url), ("= None", '= "1"')):
            assert 1 == script.count(told)
            script = script.replace(told, own)
        client = await asyncio.create_subprocess_exec(sys.executable, "-uc", script, stdout=asyncio.subprocess.PIPE)
        assert client.stdout is not None
        printed = [await client.stdout.readline() for _ in range(3)]
        client.kill()
        await client.wait()

    assert 3 == printed.count(f"{an_alert(a_row()).headline}\n".encode())


async def test_streams_are_as_many_as_a_process_can_serve(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One token cannot take them all; those that are closed make room."""
    monkeypatch.setattr(streaming, "_MOST", 2)
    monkeypatch.setattr(streaming, "_MOST_OF_ONE", 1)
    async with served(database, tmp_path) as desk:
        one, two, three = [await desk.token() for _ in range(3)]
        async with following(f"{desk.url}{ALERTS}", one):
            own = await desk.ask("GET", FILINGS, one)
            async with following(f"{desk.url}{ALERTS}", two):
                all_taken = await desk.ask("GET", ALERTS, three)
        await _until_let_in(desk, three)

    assert [(429, "15"), (503, "5")] == [(a.status, a.headers["Retry-After"]) for a in (own, all_taken)]


async def _until_let_in(desk: Web, token: str) -> None:
    """A reader that has gone is noticed when something is sent to it."""
    async with following(f"{desk.url}{ALERTS}", token) as reader:
        await alerts_come(desk.context.database, *"abc")
        await reader.until(lambda one: 200 in one.statuses)


async def test_a_reader_who_left_before_the_first_word_is_gone_and_no_fault() -> None:
    """As a browser does that goes on to another page at once."""
    said: list[bool] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        with pytest.raises(sse.Gone):
            await sse.Reader(request).begin(1)
        said.append(True)
        return web.Response()

    async with answering(answer) as url, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.post(url)  # unlike a GET, it is not tried again

    assert [True] == said
