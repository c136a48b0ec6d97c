"""What the client of EDGAR does when answers break off, connections drop, or somebody stops it."""

import asyncio
from datetime import date, timedelta

import pytest
from aiohttp import web

from service.edgar.pace import Host
from service.model.errors import Blocked, NotYet, Unreachable
from service.store import Database, marks
from tests.kit.answering import answering
from tests.kit.asking import Starts, asking
from tests.kit.eventually import eventually
from tests.kit.filings import now

DAY = date(2025, 3, 4)


async def test_what_aiohttp_asks_again_by_itself_has_a_turn_of_its_own(database: Database) -> None:
    """It repeats a request whose kept connection had been dropped: EDGAR counts both."""
    asked, starts = 0, Starts()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        for number in range(2):
            try:
                await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            asked += 1
            if number == 0:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx")
                await writer.drain()
        writer.close()  # the second request gets no answer

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, asking(url, database, rate=5, permit=starts) as client:
        for _ in range(6):
            with pytest.raises((NotYet, Unreachable)):
                await client.daily_index(DAY)

    assert asked > 6
    assert starts.hold(5)


async def test_a_refusal_whose_page_breaks_off_is_a_refusal(database: Database) -> None:
    """Of an index too, whose 403 can mean that there is none."""

    async def refuse(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=403, headers={"Content-Length": "5000"})
        await response.prepare(request)
        assert request.transport
        request.transport.close()
        return response

    async with answering(refuse) as url, asking(url, database) as client:
        with pytest.raises(Blocked):
            await client.daily_index(DAY)
    assert await marks.get(database, marks.blocked("www"))


@pytest.mark.parametrize("sent", ["Mon, 01 Jan 99999999999 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "soon"])
async def test_a_date_that_makes_no_sense_is_none(database: Database, sent: str) -> None:
    """It decides where a first start begins."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x", headers={"Date": sent})

    async with answering(answer) as url, asking(url, database) as client:
        assert (await client.daily_index(DAY)).sent is None


async def test_a_longer_block_is_put_down_as_well(database: Database) -> None:
    """A restart keeps to it."""
    silent = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path.endswith(".idx"):
            await silent.wait()
        return web.Response(status=403)

    async with answering(answer) as url, asking(url, database, patience=2.0) as client:
        under_way = asyncio.create_task(client.daily_index(DAY))
        await asyncio.sleep(0)
        with pytest.raises(Blocked):
            await client.feed_page("4", 0)
        first = await marks.get(database, marks.blocked("www"))
        with pytest.raises(Unreachable):
            await under_way
        silent.set()
    second = await marks.get(database, marks.blocked("www"))

    assert first
    assert second
    assert second > first


async def test_a_block_is_put_down_by_who_is_stopped_meanwhile(database: Database) -> None:
    """The next process must not ask on."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=403)

    async with answering(answer) as url, asking(url, database) as client:

        async def is_blocked() -> bool:
            return client.left(Blocked("", now(), Host.WWW)) > 0

        async with database.transaction():  # the block has to wait for its turn to be written
            task = asyncio.create_task(client.feed_page("4", 0))
            await eventually(is_blocked)
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert await marks.get(database, marks.blocked(Host.WWW))


async def test_a_block_of_an_earlier_run_is_never_longer_than_one_of_ours(database: Database) -> None:
    """Whatever clock recorded it."""
    async with database.transaction() as tx:
        await marks.put(tx, marks.blocked("www"), now() + timedelta(days=300))
    async with asking("http://127.0.0.1:9", database, block_seconds=600) as client:
        with pytest.raises(Blocked) as caught:
            await client.feed_page("4", 0)

    assert caught.value.until - now() < timedelta(minutes=12)
