"""What channels cost that are owed nothing: CPU, queries and memory of a dispatcher with many, and its first delivery.

``python -m bench.channels [SECONDS]``: how long each is watched.
"""

import asyncio
import random
import sys
import tempfile
import time
from typing import Any

from cryptography.fernet import Fernet

from bench.deliveries import arrived
from bench.endpoints import SECRET, endpoints
from consumers.dispatcher.channelbook import channelbook
from consumers.dispatcher.door import doors
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.notices import Notices
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.sender import Sender
from consumers.following import Following
from service import telemetry
from service.clock import now
from service.control.sampling import sample
from service.control.sections import Inventory, stored
from service.model.identity import DEFAULT, new_id
from service.model.resource import ResourceKind
from service.store import Database, resources
from service.store.database import open_database
from service.store.schema import resources as table
from service.vault import Vault
from service.vitals import Unwatched
from service.wire import encode
from tests.kit.books import AnAlert, owe
from tests.kit.statements import statements

CHANNELS = (1, 1_000, 10_000)


async def main() -> None:
    """Print the figures, each number of channels in a process of its own."""
    telemetry.configure_logs("critical")
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    if len(sys.argv) > 2:
        await measure(int(sys.argv[2]), seconds)
        return
    print(f"idle channels, dispatcher alone, {seconds:.0f} s each")
    for count in CHANNELS:
        arguments = ("-m", "bench.channels", str(seconds), str(count))
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
        await process.wait()


async def measure(count: int, seconds: float) -> None:
    """Print the line of *count* channels."""
    vault = Vault([Fernet.generate_key().decode()])
    async with endpoints() as url, doors() as opened:
        with tempfile.TemporaryDirectory() as home:
            database = await open_database(f"sqlite:///{home}/bench.db")
            names = await provisioned(database, vault, url, count)
            before = telemetry.resident_mb()
            owed = await owe_one(database, names[count // 2])
            started = time.time()
            following = Following("channels", database, channelbook(vault), Unwatched())
            await following.load()
            guard = Guard(opened, now, str)
            sender = Sender(following, guard, database, RetrySchedule(), now, random.Random(1), Unwatched())
            loops = [following.run(), sender.run(), Notices(database, now, Unwatched()).run()]
            tasks = [asyncio.create_task(loop) for loop in loops]
            first = (await arrived(url, owed))[next(iter(owed))] - started
            held = telemetry.resident_mb() - before
            with statements() as asked:
                cpu, at = time.process_time(), time.perf_counter()
                await asyncio.sleep(seconds)
                cpu, took = time.process_time() - cpu, time.perf_counter() - at
            owed = await owe_one(database, names[-1])
            came = await arrived(url, owed)
            then = 1000 * max(came[one] - at for one, at in owed.items())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await database.close()
    print(
        f"  {count:6,} channels: {100 * cpu / took:5.2f} % of a core, {len(asked) / took:4.1f} queries/s, "
        f"{held:5.0f} MB; first delivery {first:5.2f} s behind the start, later {then:4.0f} ms behind the alert"
    )


async def provisioned(database: Database, vault: Vault, url: str, count: int) -> list[str]:
    """Store *count* webhooks; returns their ids."""
    at, kind = now(), ResourceKind.CHANNEL
    async with database.transaction() as tx:
        known = Inventory(await resources.locked(tx, DEFAULT))
        revision = await resources.next_revision(tx)
        rows = []
        for number in range(count):
            name = f"hook-{number}"
            section = {"type": "webhook", "url": f"{url}/ok/{number}", "secrets": SECRET}
            row: dict[str, Any] = {
                "id": new_id(kind.prefix, at),
                "kind": kind,
                "workspace": DEFAULT,
                "name": name,
                "enabled": True,
                "file": "bench",  # as an operator's, since they are on this machine
                "section": stored(kind, name, section, known, vault, egress=None),
                "revision": revision,
                "created": at,
            }
            rows.append(row)
        await tx.add(table, rows)
    return [row["id"] for row in rows]


async def owe_one(database: Database, channel: str) -> dict[str, float]:
    """Owe an alert to *channel*; its id, and when that was."""
    alert = sample("bench", now())
    at = time.time()
    await owe(database, AnAlert(id=alert.id, value=encode(alert), channels=(channel,)), at=now())
    return {alert.id: at}


if __name__ == "__main__":
    asyncio.run(main())
