"""What several test modules stand on: real databases, a real Kafka, a real look-alike of EDGAR, a real receiver."""

import asyncio
import logging
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NoReturn

import asyncpg
import pytest
import structlog
from aiokafka.admin import AIOKafkaAdminClient

from service import housekeeping
from service.log.broker import Broker
from service.store import Database
from service.store.database import open_database
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.servers.server import CannotStart

REQUIRED = "FILINGBELL_TEST_REQUIRE_SERVERS"  # fail instead of skipping

os.environ.setdefault("FILINGBELL_HTTP", "off")  # many services run at once, and one alone could have the port

_figures: list[str] = []
_servers: dict[str, str] = {}


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a third of the time tests wait for servers and processes."""
    return (os.cpu_count() or 1) + 1


def pytest_report_header() -> list[str]:
    """Say what the run has to test against."""
    folders = {"corpus of real filings": "FORM4_CORPUS", "the SEC's tables": "FORM4_DATASETS"}
    return [
        f"{what}: {os.environ.get(name) or f'none: set {name}, or the tests that need it are skipped'}"
        for what, name in folders.items()
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests ran against and what they measured: figures to read, never to fail on."""
    if _servers:
        terminalreporter.section("real servers")
        for name, told in sorted(_servers.items()):
            terminalreporter.write_line(f"{name}: {told}")
    if _figures:
        terminalreporter.section("figures")
        for figure in sorted(_figures):
            terminalreporter.write_line(figure)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where the tests run in several processes, hand over what this one has to tell."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput |= {"figures": _figures, "servers": _servers}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take it over from the process that has ended."""
    told = getattr(node, "workeroutput", {})
    _figures.extend(told.get("figures", ()))
    _servers.update(told.get("servers", {}))


@pytest.fixture
def figures() -> list[str]:
    """Lines to be printed at the end of the run."""
    return _figures


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Housekeeping leaves no time to others: nobody writes meanwhile."""
    monkeypatch.setattr(housekeeping, "_BREATH", 0.0)


@pytest.fixture(autouse=True)
def quiet_logs() -> None:
    """Logs go nowhere, unless a test asks for them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(int(os.environ.get("L", logging.CRITICAL))))


def missing(name: str, error: CannotStart, required: str = REQUIRED) -> NoReturn:
    """Skip, or where *required* is set fail, and say so at the end."""
    _servers[name] = f"NONE, ITS TESTS DID NOT RUN: {error}"
    if os.environ.get(required):
        pytest.fail(f"{name} is required ({required}), but: {error}")
    pytest.skip(f"no {name}: {error}")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server: the one that FILINGBELL_TEST_DATABASE names, or one of our own."""
    given = os.environ.get("FILINGBELL_TEST_DATABASE")
    if given:
        _servers["PostgreSQL"] = "the one of FILINGBELL_TEST_DATABASE"
        yield given
        return
    # Not below pytest's own folder: the server runs as another user, and each run of pytest closes that to others.
    with tempfile.TemporaryDirectory(prefix="filingbell-postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder) / "server")
        try:
            server.start()
        except CannotStart as error:
            missing("PostgreSQL", error)
        _servers["PostgreSQL"] = f"{server.version}, started for this run"
        yield server.url
        server.kill()


@pytest.fixture(scope="session")
def kafka_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Kafka cluster: the one that KAFKA_BOOTSTRAP_SERVERS names, or one of our own."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        _servers["Kafka"] = f"the one of KAFKA_BOOTSTRAP_SERVERS ({given})"
        yield given
        return
    server = Kafka(tmp_path_factory.mktemp("kafka"))
    try:
        server.start()
    except CannotStart as error:
        missing("Kafka", error)
    _servers["Kafka"] = f"Apache Kafka {server.version}, started for this run"
    yield server.address
    server.kill()


@pytest.fixture
def broker(kafka_address: str) -> Iterator[Broker]:
    """The cluster, with names that no other test uses; nothing of them stays on a cluster that is not our own."""
    made = Broker(bootstrap=kafka_address, prefix=f"test-{uuid.uuid4().hex[:12]}.")
    yield made
    if "KAFKA_BOOTSTRAP_SERVERS" in os.environ:
        asyncio.run(_remove_topics(made))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that migrations have made: to copy it takes a hundredth of their time."""
    file = tmp_path_factory.mktemp("template") / "filingbell.db"
    asyncio.run(_make(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """The name of one on PostgreSQL."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    asyncio.run(_execute(postgres_url, f"CREATE DATABASE {name}"))
    asyncio.run(_make(f"{postgres_url.rpartition('/')[0]}/{name}"))
    asyncio.run(_left(postgres_url, name))
    yield name
    asyncio.run(_execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database, on either backend; empty, unless the test has it opened."""
    return new_database_url(request, tmp_path, request.param, migrated="either" in request.fixturenames)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a new file."""
    return f"sqlite:///{tmp_path}/state/filingbell.db"


@pytest.fixture
async def database(sqlite_url: str, sqlite_template: Path) -> AsyncIterator[Database]:
    """A new database, as `filingbell run` makes it."""
    _copy(sqlite_template, sqlite_url)
    opened = await open_database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def either(database_url: str) -> AsyncIterator[Database]:
    """A new database: the test runs once on SQLite and once on PostgreSQL."""
    opened = await open_database(database_url)
    yield opened
    await opened.close()


def new_database_url(request: pytest.FixtureRequest, folder: Path, backend: str, *, migrated: bool = False) -> str:
    """The address of a new database on *backend*, empty or *migrated*; on PostgreSQL it is dropped after the test."""
    if backend == "sqlite":
        url = f"sqlite:///{folder}/state/filingbell.db"
        if migrated:
            _copy(request.getfixturevalue("sqlite_template"), url)
        return url
    server: str = request.getfixturevalue("postgres_url")
    name = f"test_{uuid.uuid4().hex[:12]}"
    template = f" TEMPLATE {request.getfixturevalue('postgres_template')}" if migrated else ""
    asyncio.run(_execute(server, f"CREATE DATABASE {name}{template}"))
    request.addfinalizer(lambda: asyncio.run(_execute(server, f"DROP DATABASE {name} WITH (FORCE)")))
    return f"{server.rpartition('/')[0]}/{name}"


def _copy(template: Path, url: str) -> None:
    file = Path(url.removeprefix("sqlite:///"))
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(template, file)


async def _make(url: str) -> None:
    """Have the migrations make the database at *url*."""
    await (await open_database(url)).close()


async def _left(url: str, name: str) -> None:
    """Return once nobody is connected to the database *name* any more: only then it can be copied."""
    sessions = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'"
    while await _execute(url, sessions):
        await asyncio.sleep(0.01)


async def _remove_topics(broker: Broker) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await client.start()
    try:
        await client.delete_topics([name for name in await client.list_topics() if name.startswith(broker.prefix)])
    finally:
        await client.close()


async def _execute(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
