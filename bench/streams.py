"""What readers of a stream cost: 200 of them at 20 alerts a second, in a process that serves nothing else.

``python -m bench.streams [READERS] [RATE] [SECONDS]``. The same is done without readers first, so that what is told is
what they add; the readers themselves are a process of their own.
"""

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import aiohttp
import orjson
from aiohttp import web
from msgspec.structs import replace

from service import telemetry
from service.clock import SystemClock, now
from service.control import tokens
from service.log.table import TableLog
from service.model.identity import DEFAULT
from service.model.person import Scope
from service.model.resource import Actor
from service.settings import Settings
from service.store.database import open_database
from service.vault import open_vault
from service.vitals import Unwatched
from service.web.app import application
from service.web.context import Context
from service.wire.topics import alert_event
from tests.kit.documents import a_row, an_alert

SERVE = "serve"


async def serve(folder: Path, readers: int, rate: float, seconds: float) -> None:
    """Serve, and let alerts come once the readers have; prints where, and in the end what it has cost."""
    database = await open_database(f"sqlite:///{folder}/filingbell.db")
    settings = Settings(home=folder, http="127.0.0.1:9464")
    context = Context(database, TableLog(database, Unwatched()), open_vault(folder, None), settings, SystemClock())
    runner = web.AppRunner(application(context), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    actor = Actor(name="cli:bench", workspace=DEFAULT)
    secrets = [(await tokens.add(database, actor, f"t{n}", [Scope.READ], now()))[1] for n in range(-(-readers // 50))]
    _tell({"url": f"http://127.0.0.1:{runner.addresses[0][1]}", "secrets": secrets})
    await asyncio.to_thread(sys.stdin.readline)
    cpu, began, sent = _cpu(), time.monotonic(), {}
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        alert = replace(an_alert(a_row()), id=str(uuid4()), workspace=DEFAULT)
        async with database.transaction() as tx:
            tx.emit(alert_event(alert, now()))
        sent[alert.id] = time.time()
    took = time.monotonic() - began
    _tell({"cpu": (_cpu() - cpu) / took, "mb": telemetry.resident_mb(), "sent": sent})
    await asyncio.to_thread(sys.stdin.readline)
    await runner.cleanup()
    await database.close()


async def measure(readers: int, rate: float, seconds: float) -> None:
    """Print what *readers* cost, and how soon they are told."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = (sys.executable, "-m", "bench.streams", SERVE, folder, str(readers), str(rate), str(seconds))
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=pipe, limit=1 << 26)
        assert process.stdout is not None
        assert process.stdin is not None
        where = orjson.loads(await process.stdout.readline())
        came: list[dict[str, float]] = [{} for _ in range(readers)]
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(None)) as session:
            ready = asyncio.Semaphore(0)
            tasks = [
                asyncio.create_task(_read(session, where["url"], where["secrets"][number // 50], ready, one))
                for number, one in enumerate(came)
            ]
            for _ in tasks:
                await ready.acquire()
            process.stdin.write(b"go\n")
            told = orjson.loads(await process.stdout.readline())
            process.stdin.write(b"end\n")
            await asyncio.gather(*tasks)
        await process.wait()
    sent: dict[str, float] = told["sent"]
    waits = [1000 * (at - sent[one]) for reader in came for one, at in reader.items()]
    lost = sum(len(sent) - len(reader) for reader in came)
    sys.stdout.write(
        f"{readers:4} readers, {rate:g} alerts a second for {seconds:g} s: {100 * told['cpu']:5.1f} % of a core, "
        f"{told['mb']:.0f} MB; {len(waits):,} events told, {lost} lost{_within(waits)}\n"
    )


async def _read(
    session: aiohttp.ClientSession, url: str, secret: str, ready: asyncio.Semaphore, came: dict[str, float]
) -> None:
    """Note when each alert comes, until the stream ends."""
    async with session.get(f"{url}/api/v1/alerts/stream", headers={"Authorization": f"Bearer {secret}"}) as answer:
        rest = b""
        ready.release()
        async for part in answer.content.iter_any():
            at = time.time()
            *events, rest = (rest + part).split(b"\n\n")
            for event in events:
                _, found, data = event.partition(b"\ndata: ")
                if found:
                    came[data[7:43].decode()] = at  # {"id":"...


def _within(waits: Sequence[float]) -> str:
    if not waits:
        return ""
    ordered = sorted(waits)
    half, most = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return f"; p50 {half:.1f} ms, p99 {most:.1f} ms after the commit"


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _tell(content: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(content) + b"\n")
    sys.stdout.flush()


async def main() -> None:
    """Print the figures."""
    given = [float(one) for one in sys.argv[1:]]
    readers, rate, seconds = given + [200.0, 20.0, 10.0][len(given) :]
    for some in (0, int(readers)):
        await measure(some, rate, seconds)


if __name__ == "__main__":
    telemetry.configure_logs("critical")
    if sys.argv[1:2] == [SERVE]:
        asyncio.run(serve(Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5])))
    else:
        asyncio.run(main())
