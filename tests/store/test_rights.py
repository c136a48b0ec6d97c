"""PostgreSQL's rights: the least that the service needs, a role that only looks, what is said where one is missing."""

import asyncio
import os
import re
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from service.model.errors import ConfigError
from service.store import Database, events
from service.store.database import migrated, open_database
from service.store.rights import missing
from tests.conftest import new_database_url
from tests.kit.filings import a_filing_event
from tests.kit.forked import called
from tests.kit.places import DOCS


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database on PostgreSQL, as its superuser."""
    return new_database_url(request, tmp_path, "postgresql")


@pytest.fixture
def roles(url: str) -> Iterator[dict[str, str]]:
    """Addresses of the roles that docs/scaling.md makes, made by its very SQL under names of this test's own."""
    suffix = uuid.uuid4().hex[:8]
    names = {name: f"{name}_{suffix}" for name in ("filingbell", "filingbell_owner", "filingbell_monitor")}
    lines = (DOCS / "scaling.md").read_text().split("```sql\n")[1].split("```")[0].splitlines()
    statements = "\n".join(line for line in lines if not line.startswith(("CREATE DATABASE", "\\c")))
    statements = statements.replace("DATABASE filingbell", f"DATABASE {url.rpartition('/')[2]}")
    statements = re.sub(r"\bfilingbell(_owner|_monitor)?\b", lambda found: names[found[0]], statements)
    _execute(url, statements)
    yield {name: url.replace("postgres@", f"{own}@") for name, own in names.items()}
    _execute(url, "; ".join(f"DROP OWNED BY {own}; DROP ROLE {own}" for own in names.values()))


def _execute(url: str, statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(statements)
        await connection.close()

    asyncio.run(run())


def filingbell(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"FILINGBELL_DATABASE": url}
    return called(*arguments, environment=environment)


async def write(database: Database) -> None:
    async with database.transaction() as tx:
        tx.emit(a_filing_event(1))


async def use(url: str) -> None:
    database = await open_database(url)
    try:
        await write(database)
    finally:
        await database.close()


def test_the_roles_of_the_docs_can_do_their_work_and_no_more(roles: dict[str, str]) -> None:
    """One owns the tables and migrates, one runs the service, one looks."""
    asyncio.run(migrated(roles["filingbell_owner"]))
    asyncio.run(use(roles["filingbell"]))
    looked = [filingbell(roles["filingbell_monitor"], *call) for call in (("status",), ("tail", "form4.filings"))]

    assert "0009990900-25-000001" in looked[1].stdout
    assert ["", ""] == [look.stderr for look in looked]
    with pytest.raises(ConfigError, match=r"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL .* TO \"filingbell_monit"):
        asyncio.run(use(roles["filingbell_monitor"]))


def test_a_role_without_rights_is_told_which_to_ask_for(url: str, roles: dict[str, str]) -> None:
    """A sentence with the GRANT that helps, and no traceback."""
    asyncio.run(migrated(url))  # by another, whose tables these roles may not see into
    told = filingbell(roles["filingbell_monitor"], "status")

    assert 2 == told.returncode
    assert "Traceback" not in told.stderr
    assert "permission denied for table alembic_version" in told.stderr
    assert 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "filingbell_monitor' in told.stderr


def test_a_role_that_may_make_no_tables_is_told_so(roles: dict[str, str]) -> None:
    """The service's role does not migrate where another owns the tables."""
    with pytest.raises(ConfigError, match=r"GRANT USAGE, CREATE ON SCHEMA public TO \"filingbell_"):
        asyncio.run(migrated(roles["filingbell"]))


def test_what_only_the_owner_may_do_is_the_owners_to_do() -> None:
    """No GRANT helps there."""
    told = missing("the database", "must be owner of table events", "ALTER TABLE events ADD x int", "bell")

    assert "let the role that owns the tables migrate: `filingbell migrate`" in told


async def test_rows_are_counted_for_whoever_may_only_look(url: str) -> None:
    """A session that takes no writes at all is enough to look."""
    await use(url)
    database = await open_database(
        f"{url}?options=-c%20default_transaction_read_only%3Don", create=False, upgrade=False
    )
    try:
        assert {"form4.filings": 1} == await events.counts(database)
    finally:
        await database.close()
