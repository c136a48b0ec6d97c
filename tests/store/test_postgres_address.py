"""Addresses as platforms give them: what libpq understands, we do too, or say what to write instead."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from service import settings as environment
from service.model.errors import ConfigError, Unavailable
from service.settings import Settings
from service.store import Database
from service.store.address import address_of
from service.store.database import open_database
from service.store.session import connected
from tests.conftest import new_database_url
from tests.kit import certificates
from tests.kit.filings import a_filing_event
from tests.kit.tlsfront import TlsFront
from tests.servers.postgres import Postgres
from tests.servers.server import CannotStart


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database on PostgreSQL."""
    return new_database_url(request, tmp_path, "postgresql")


def place(url: str) -> tuple[str, int, str]:
    """Its host, port and name."""
    where, _, name = url.rpartition("/")
    host, _, port = where.rpartition("@")[2].rpartition(":")
    return host, int(port), name


async def asked(database: Database, query: str) -> object:
    async with database.reading() as connection:
        return await connection.scalar(text(query))


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://u@db/x", (("db", 5432),)),
        ("postgres://u@db:6432/x", (("db", 6432),)),
        ("postgresql://u@a:1,b:2,c/x", (("a", 1), ("b", 2), ("c", 5432))),
        ("postgresql://u@[::1]:7/x", (("::1", 7),)),
        ("postgresql://u@/x?host=a,b&port=7", (("a", 7), ("b", 7))),
        ("postgresql://u@/x?host=/run/postgresql", (("/run/postgresql", 5432),)),
        ("postgresql://u@%2Frun%2Fpostgresql:7/x", (("/run/postgresql", 7),)),
        ("postgresql:///x?host=/run/postgresql&user=u&port=7", (("/run/postgresql", 7),)),
    ],
)
def test_hosts_are_read_as_libpq_reads_them(url: str, hosts: tuple[tuple[str, int], ...]) -> None:
    """Several, with or without ports; folders of sockets; in the address or behind it."""
    address = address_of(url)

    assert (hosts, "u", "x") == (address.hosts, address.user, address.database)


def test_a_password_may_hold_anything_that_is_escaped_and_shows_nowhere() -> None:
    """Also where it stands behind the address; and a bare + is a plus."""
    address = address_of("postgresql://u:p%40+%2F%3A@db/x")

    assert "p@+/:" == address.password
    assert "q+r" == address_of("postgresql://u@db/x?password=q+r").password
    assert "p@" not in repr(address)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("channel_binding=require", "channel_binding is not supported; leave it out; sslmode=verify-full makes sure"),
        ("ssl=require", "ssl is not supported; write sslmode=require"),
        ("service=x", "service is not supported; write into the address"),
        ("colour=red", "colour is not supported; known are application_name, connect_timeout"),
        ("sslmode=maybe", "sslmode must be one of disable, allow"),
        ("target_session_attrs=fast", "target_session_attrs must be one of any, read-write"),
        ("connect_timeout=soon", "connect_timeout is a number of seconds"),
        ("sslmode=verify-ca&sslrootcert=/absent.crt", "sslrootcert=/absent.crt cannot be read: No such file"),
        ("sslmode=require&sslrootcert=system", "sslrootcert=system needs sslmode=verify-full"),
        ("port=1,2", "there are 1 hosts and 2 ports"),
        ("d@h/x", "write NAME=VALUE&... after the \\?; in a password write special characters as %3F"),
        ("port=99999", "this is not a database address: a port is not a number from 1 to 65535"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(query: str, told: str) -> None:
    """And the error says what to write instead."""
    with pytest.raises(ConfigError, match=f"^FILINGBELL_DATABASE: {told}"):
        address_of(f"postgresql://u:secret@db/x?{query}")


@pytest.mark.parametrize(
    ("url", "passwords"),
    [("postgresql://[x/y", ()), ("postgresql://u:pa[ss@h/x", ("pa[ss",)), ("postgresql://u:p#w@h/x", ("p#w",))],
)
def test_whatever_stands_for_an_address_its_password_is_hidden(url: str, passwords: tuple[str, ...]) -> None:
    """The log is set up before the address is looked at."""
    assert passwords == Settings(database=SecretStr(url)).secrets


def test_a_passfile_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """The driver would pass it over without a word, and the server would say that the password is wrong."""
    file = tmp_path / "passfile"
    file.write_text("*:*:*:*:secret\n")
    file.chmod(0o644)

    with pytest.raises(ConfigError, match="chmod 600"):
        address_of(f"postgresql://u@db/x?passfile={file}")

    file.chmod(0o600)
    assert str(file) == address_of(f"postgresql://u@db/x?passfile={file}").passfile


async def test_a_session_has_the_name_and_options_that_the_address_gives_it(url: str) -> None:
    """So that an operator finds it in pg_stat_activity, and in the schema that is meant."""
    database = await open_database(f"{url}?application_name=bell%201&options=-c%20work_mem%3D7MB&connect_timeout=5")
    try:
        assert "bell 1" == await asked(database, "SHOW application_name")
        assert "7MB" == await asked(database, "SHOW work_mem")
        assert "off" == await asked(database, "SHOW jit")  # ours hold as well
    finally:
        await database.close()


async def test_tls_is_used_and_the_server_made_sure_of_as_sslmode_says(url: str, tmp_path: Path) -> None:
    """Require encrypts; verify-full also wants the right certificate, and one of another authority is refused."""
    certificate, key = certificates.make(tmp_path)
    (tmp_path / "other").mkdir()
    other, _ = certificates.make(tmp_path / "other")
    _, port, name = place(url)
    async with TlsFront(port, certificate, key) as front:
        base = f"postgresql://postgres@127.0.0.1:{front.port}/{name}"
        for query in ("sslmode=require", f"sslmode=verify-full&sslrootcert={quote(str(certificate))}"):
            before = front.through
            await (await open_database(f"{base}?{query}")).close()
            assert front.through > before
        for query in (f"sslmode=verify-full&sslrootcert={quote(str(other))}", "sslmode=verify-full&sslrootcert=system"):
            with pytest.raises(Unavailable, match="certificate verify failed"):
                await open_database(f"{base}?{query}")


async def test_a_server_without_tls_is_not_talked_to_where_it_is_required(url: str) -> None:
    """Nothing goes over the wire in the clear by accident."""
    with pytest.raises(Unavailable, match="rejected SSL upgrade"):
        await open_database(f"{url}?sslmode=require")


async def test_a_host_that_is_away_is_passed_over(url: str) -> None:
    """The next one is asked, for the pool and for the listener."""
    host, port, name = place(url)
    database = await open_database(f"postgresql://postgres@127.0.0.1:1,{host}:{port}/{name}")
    try:
        assert port == await asked(database, "SELECT inet_server_port()")
    finally:
        await database.close()


@pytest.fixture(scope="module")
def standby() -> Iterator[Postgres]:
    """A server that takes no writes, as a standby does."""
    with tempfile.TemporaryDirectory(prefix="filingbell-standby-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder) / "server", default_transaction_read_only="on")
        try:
            server.start()
        except CannotStart as error:
            pytest.skip(f"no second PostgreSQL: {error}")
        yield server
        server.kill()


async def test_of_several_hosts_the_one_that_takes_writes_is_chosen(url: str, standby: Postgres) -> None:
    """Whichever comes first; with target_session_attrs=any, or read-only, a standby will do."""
    host, port, _ = place(url)
    both = f"postgresql://postgres@127.0.0.1:{standby.port},{host}:{port}/postgres"
    ports = {}
    for attributes in ("", "?target_session_attrs=read-write", "?target_session_attrs=any"):
        connection = await _connected(both + attributes)
        ports[attributes] = await connection.fetchval("SELECT inet_server_port()")
        await connection.close()

    assert {
        "": port,
        "?target_session_attrs=read-write": port,
        "?target_session_attrs=any": standby.port,
    } == ports
    with pytest.raises(OSError, match=rf"127.0.0.1:{standby.port} is not read-write"):
        await _connected(f"postgresql://postgres@127.0.0.1:{standby.port}/postgres?target_session_attrs=read-write")


async def _connected(url: str) -> asyncpg.Connection:
    return await connected(address_of(url), settings={}, patience=10, command_timeout=10)


async def test_a_server_that_becomes_a_standby_is_left(url: str) -> None:
    """Its sessions are given up at the first write it refuses, so that the next one finds the new primary."""
    database = await open_database(url, pool=1)
    try:
        async with database.transaction() as tx:
            await tx.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
        with pytest.raises(Unavailable, match="read-only"):
            await _write(database, 1)
        await _write(database, 2)
    finally:
        await database.close()


async def _write(database: Database, number: int) -> None:
    async with database.transaction() as tx:
        tx.emit(a_filing_event(number))


async def test_a_socket_is_reached_by_its_folder(url: str) -> None:
    """As libpq has it, with a password or none."""
    _, port, name = place(url)
    database = await open_database(url)
    folder = str(await asked(database, "SHOW unix_socket_directories")).split(",")[0]
    await database.close()
    if not await asyncio.to_thread(Path(f"{folder}/.s.PGSQL.{port}").exists):
        pytest.skip("this server has no socket here")
    database = await open_database(f"postgresql://postgres@/{name}?host={folder}&port={port}")
    try:
        assert await asked(database, "SELECT inet_server_port()") is None
    finally:
        await database.close()


def test_the_address_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no password stands in the environment; the log hides it all the same."""
    file = tmp_path / "address"
    file.write_text("postgresql://u:geheim-1@db/x?password=geheim-2\n")
    monkeypatch.setenv("FILINGBELL_DATABASE_FILE", str(file))
    settings = environment.load()

    assert "postgresql://u:geheim-1@db/x?password=geheim-2" == settings.database_url
    assert ("geheim-1", "geheim-2") == settings.secrets


def test_a_file_that_holds_no_address_is_refused(tmp_path: Path) -> None:
    """And so is an address beside the file: nobody would know which holds."""
    (tmp_path / "empty").write_text("\n")
    for file, told in ((tmp_path / "absent", "cannot be read"), (tmp_path / "empty", "is empty")):
        with pytest.raises(ConfigError, match=f"FILINGBELL_DATABASE_FILE: .*{told}"):
            _ = Settings(database_file=file).database_url
    with pytest.raises(ValueError, match="are both set"):
        Settings(database_file=tmp_path / "empty", database=SecretStr("sqlite:///x"))
