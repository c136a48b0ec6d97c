"""Health and metrics: a stuck loop is not live, a lost server is not ready, and figures are true."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import aiohttp
import pytest

from consumers import stage
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from service.log.backends import open_log
from service.log.broker import Broker
from service.log.shape import Shape
from service.log.source import Log
from service.log.table import TableLog
from service.model.errors import ConfigError
from service.settings import Settings
from service.store import Database, gaps
from service.store.database import open_database
from service.vitals import Unwatched
from service.watch import health
from service.watch.health import Monitor
from service.watch.metrics import Metrics
from tests.chaos.proxy import Proxy
from tests.kit import promlint
from tests.kit.eventually import eventually
from tests.kit.filings import a_filing_event, now
from tests.kit.places import DEPLOY, DOCS
from tests.servers.server import free_port

ROLES = ("poller", "parser", "matcher", "dispatcher", "relay")


class Monotonic:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def monitored(metrics: Metrics, database: Database, log: Log, trouble: str | None = None) -> AsyncIterator[str]:
    port = free_port()
    async with Monitor(("127.0.0.1", port), metrics, database, log, ROLES, Settings(), lambda: trouble):
        yield f"http://127.0.0.1:{port}"


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


def test_every_metric_is_explained() -> None:
    """In docs/operations.md."""
    page = (DOCS / "operations.md").read_text()
    metrics = {line.split()[2] for line in Metrics().counted().decode().splitlines() if line.startswith("# TYPE ")}

    assert metrics == set(re.findall(r"`((?:filingbell|process)_\w+)`", page))


@pytest.mark.parametrize("path", ["prometheus/rules.yml", "prometheus/rules_test.yml", "grafana/filingbell.json"])
def test_alerts_and_dashboard_ask_for_what_is_told(path: str) -> None:
    """A metric that was renamed would leave them silent."""
    told = {line.split()[2] for line in Metrics().counted().decode().splitlines() if line.startswith("# TYPE ")}
    asked = set(re.findall(r"\b(?:filingbell|process)_[a-z_]+", (DEPLOY / path).read_text()))

    assert asked
    assert set() == {name.removesuffix("_bucket") for name in asked} - told


async def test_a_loop_that_does_not_come_round_is_not_live(database: Database) -> None:
    """And is named; one that has announced a pause, or has ended on purpose, is not missed."""
    clock = Monotonic()
    metrics = Metrics(clock)
    metrics.beat("parser")
    metrics.beat("poller/feed", quiet=600)
    metrics.beat("relay/copy")
    metrics.ended("relay")
    async with monitored(metrics, database, TableLog(database, metrics)) as url:
        at_first = await get(f"{url}/health/live")
        clock.now += 300
        later = await get(f"{url}/health/live")
        not_ready = await get(f"{url}/health/ready")
        metrics.beat("parser")
        again = await get(f"{url}/health/live")

    assert (200, '{"live":true,"silent":[]}') == at_first
    assert (503, '{"live":false,"silent":["parser"]}') == later
    assert 503 == not_ready[0]
    assert 200 == again[0]


async def test_idle_loops_are_live(database: Database) -> None:
    """Nothing to do is not the same as stuck."""
    metrics = Metrics()
    task = asyncio.create_task(
        stage.run(
            ParserStep(now, Limits(), Unwatched()),
            TableLog(database, metrics).source("parser", ParserStep.topic),
            database,
            now,
            metrics,
        )
    )

    async def beating() -> bool:
        return "parser" in metrics._beats

    await eventually(beating)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert [] == metrics.silent()


@pytest.mark.parametrize("lost", ["database", "broker"])
async def test_a_lost_server_is_not_ready_but_live(lost: str, broker: Broker, database_of_postgres: str) -> None:
    """The process can do nothing about it, so that killing it would not help; it is ready again once they are back."""
    from service.log import admin

    await admin.create(broker, Shape(partitions=1))
    host, _, name = database_of_postgres.rpartition("/")
    port = int(host.rpartition(":")[2])
    async with Proxy(port) as proxy:
        database = await open_database(f"postgresql://postgres@127.0.0.1:{proxy.port}/{name}")
        reached = Broker(bootstrap="127.0.0.1:1", prefix=broker.prefix) if lost == "broker" else broker
        metrics = Metrics()
        log = open_log(reached, database, metrics)
        async with monitored(metrics, database, log) as url:
            if lost == "database":
                assert 200 == (await get(f"{url}/health/ready"))[0]
                await proxy.__aexit__(None, None, None)
            status, told = await get(f"{url}/health/ready")
            live, _ = await get(f"{url}/health/live")
            shown, text = await get(f"{url}/metrics")
        await log.close()
        await database.close()

    assert 503 == status
    assert ("database: the database" in told) == (lost == "database")
    assert ("log: Kafka" in told) == (lost == "broker")
    assert (200, 200) == (live, shown)
    assert "filingbell_records_total" in text


async def test_metrics_tell_what_was_done_and_what_is_left(database: Database) -> None:
    """Counted by the process, read from the database, in Prometheus' format."""
    metrics = Metrics()
    log = TableLog(database, metrics)
    async with database.transaction() as tx:
        tx.emit(*(a_filing_event(number) for number in range(3)), a_filing_event(3, document=b"<html>"))
    step = ParserStep(now, Limits(), Unwatched())
    task = asyncio.create_task(stage.run(step, log.source("parser", step.topic), database, now, metrics))

    async def through() -> bool:
        return b'filingbell_records_total{group="parser",outcome="handled"} 3.0' in metrics.counted()

    await eventually(through)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    metrics.leads("poller", leader=True)
    async with database.transaction() as tx:
        tx.emit(a_filing_event(9))
        await gaps.add(tx, now(), now(), now(), "EDGAR answered 503")
    async with monitored(metrics, database, log) as url:
        _, text = await get(f"{url}/metrics")

    assert [] == promlint.faults(text)
    for line in (
        f'filingbell_build_info{{version="{version("filingbell")}"}} 1.0',
        "process_resident_memory_bytes ",
        'filingbell_records_total{group="parser",outcome="handled"} 3.0',
        'filingbell_records_total{group="parser",outcome="dead"} 1.0',
        'filingbell_dead_letters_total{group="parser",reason="malformed-xml"} 1.0',
        "filingbell_dead_letters_open 1.0",
        'filingbell_lag_records{group="parser",topic="form4.filings"} ',
        'filingbell_leader{name="poller"} 1.0',
        'filingbell_filings{state="pending"} 0.0',
        'filingbell_operational_alerts{kind="feed-gap"} 1.0',
        'filingbell_operational_alerts{kind="lag"} 0.0',
        'filingbell_batch_seconds_count{group="parser"} ',
    ):
        assert line in text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("# TYPE wire_days_unproven gauge", "wire_days_unproven: use seconds instead of days"),
        ("# TYPE wire_size_kilobytes gauge", "wire_size_kilobytes: use bytes instead of kilobytes"),
        ("# TYPE wire_records counter", "wire_records: a counter ends in _total"),
        ("# TYPE wire_records_total gauge", "wire_records_total: a gauge does not end in _total"),
        ("# TYPE wire_gauge_lag gauge", "wire_gauge_lag: its type does not belong in the name"),
        ("# TYPE wire_lag_ms gauge", "wire_lag_ms: ms is short for a unit"),
        ("# TYPE wireLag gauge", "wireLag: write it in snake case"),
        ("# TYPE wire_records_created gauge", "wire_records_created: doubles a series"),
    ],
)
def test_a_metric_that_is_badly_named_is_found(line: str, told: str) -> None:
    """By the test above."""
    name = line.split()[2]

    assert [told] == promlint.faults(f"# HELP {name} Something.\n{line}\n{name} 1\n")


async def test_a_database_that_cannot_be_written_to_is_not_ready(database: Database) -> None:
    """With a full disk everything stands still, so no check may be green."""
    metrics = Metrics()
    async with monitored(metrics, database, TableLog(database, metrics), "the disk that holds /x is full") as url:
        status, told = await get(f"{url}/health/ready")

    assert 503 == status
    assert ["database: the disk that holds /x is full"] == json.loads(told)["wrong"]


async def test_readiness_counts_what_is_wrong(database: Database) -> None:
    """By kind, as `status` and the metrics do; it does not decide, since a restart mends none of it."""
    async with database.transaction() as tx:
        await gaps.add(tx, now(), now(), now(), "EDGAR answered 503")
    metrics = Metrics()
    async with monitored(metrics, database, TableLog(database, metrics)) as url:
        status, told = await get(f"{url}/health/ready")

    assert 200 == status
    assert {"role-absent": 1, "feed-gap": 1} == json.loads(told)["completeness"]["conditions"]


async def test_a_port_that_is_taken_is_said(database: Database) -> None:
    """With the setting to change."""
    metrics = Metrics()
    log = TableLog(database, metrics)
    async with monitored(metrics, database, log) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(ConfigError, match=rf"FILINGBELL_HTTP: 127\.0\.0\.1:{port} is in use; choose"):
            await Monitor(("127.0.0.1", port), metrics, database, log, ROLES, Settings()).__aenter__()


@pytest.fixture
def database_of_postgres(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database on PostgreSQL."""
    from tests.conftest import new_database_url

    return new_database_url(request, tmp_path, "postgresql")


async def test_a_connection_that_asks_nothing_is_closed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or does not come to the end of its headers: enough of them would take every file that the process may open."""
    monkeypatch.setattr(health, "KEPT_OPEN", 0.05)
    async with monitored(Metrics(), database, TableLog(database, Unwatched())) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: loc")
        told = await reader.read()
        writer.close()

    assert not told
