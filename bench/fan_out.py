"""What a filing costs that very many rules meet, embedded: ``python -m bench.fan_out 50000``.

A fifth of the rules are equal; the others differ in their limits and their watchlists.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from msgspec.structs import replace

from bench.pipeline import published
from consumers import stage
from consumers.language.rules import rules, watchlists
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from service import telemetry
from service.clock import now
from service.log.table import TableLog
from service.model.identity import RuleId
from service.model.rule import Rule
from service.store import Database, events
from service.store.database import open_database
from service.vitals import Unwatched
from service.wire.topics import Event, Record, Topic

RULES = 50_000
_LISTS = 1_000
_CHANNELS = {"desk"}


def met_by(ticker: str, count: int) -> list[Rule]:
    """*count* rules that a filing on *ticker* meets."""
    lists = watchlists({f"list {number}": {"tickers": [ticker, "ZZZZ"]} for number in range(_LISTS)})
    made = []
    for number in range(count):
        other = number - 1 if number % 5 == 4 else number
        asked = {"watchlist": f"list {other % _LISTS}", "value": f">= {other // _LISTS}", "channels": "desk"}
        (rule,) = rules({f"rule {other}": asked}, lists, _CHANNELS)
        made.append(replace(rule, id=RuleId(f"rule_{number:026d}"), name=f"rule {number}"))
    return made


def parsed() -> tuple[str, Event]:
    """A filing as parsed, and the symbol that it names."""
    parser = ParserStep(now, Limits(), Unwatched())
    for filing in published(100):
        event = parser.read(_record(filing))
        if b'"kinds":["sale"' in event.value or b'"transaction_code":"S"' in event.value:
            return event.value.split(b'"symbols":["')[1].split(b'"')[0].decode(), event
    raise LookupError("no bundled filing reports a sale")


def _record(event: Event) -> Record:
    return Record(
        topic=event.topic, partition=0, offset=1, key=event.key, id=event.id, headers=event.headers, value=event.value
    )


async def main(count: int) -> None:
    """Print the figures."""
    telemetry.configure_logs("critical")
    ticker, event = parsed()
    book = Rulebook.of(met_by(ticker, count))
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "bench.db"
        database = await open_database(f"sqlite:///{file}")
        async with database.transaction() as tx:
            tx.emit(event)
        before = _size(file)
        step = MatcherStep(lambda: book, now, Unwatched())
        source = TableLog(database, Unwatched()).source(step.group, step.topic)
        started, work = time.perf_counter(), time.process_time()
        task = asyncio.create_task(stage.run(step, source, database, now, Unwatched()))
        late = await _until_there(database, count)
        seconds, cpu = time.perf_counter() - started, time.process_time() - work
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await database.close()
        print(f"fan-out, embedded, one filing that {count:,} rules meet")
        print(f"  their alerts in the log after {seconds:.1f} s ({1e6 * cpu / count:.0f} us of CPU each)")
        print(f"  bytes an alert {(_size(file) - before) / count:,.0f}")
        print(f"  the loop was held up for {1000 * late:.1f} ms at most")


async def _until_there(database: Database, count: int) -> float:
    """Wait for *count* alerts; returns by how much the loop came round late at most."""
    late = 0.0
    while (await events.counts(database)).get(Topic.ALERTS, 0) < count:
        for _ in range(20):
            asked = time.perf_counter()
            await asyncio.sleep(0.01)
            late = max(late, time.perf_counter() - asked - 0.01)
    return late


def _size(file: Path) -> int:
    """With what stands in its journal yet."""
    return sum(one.stat().st_size for one in file.parent.glob(f"{file.name}*") if not one.name.endswith("-shm"))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else RULES))
