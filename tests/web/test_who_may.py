"""Every endpoint, and everybody who could ask it: who may does, and nobody else reads or changes anything."""

from pathlib import Path

import pytest
from sqlalchemy import text

from service.model.identity import DEFAULT
from service.model.person import Role
from service.store import Database, schema
from service.web.api import ENDPOINTS
from service.web.endpoint import Endpoint
from tests.kit.rows import all_of
from tests.web.desk import served
from tests.web.examples import a_filing_came, example

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
_LEFT_OUT = {"used", "seen", "expires"}  # who may ask is noted, whatever comes of it


async def _state(database: Database) -> list[list[tuple[object, ...]]]:
    """All that requests could change."""
    tables = [schema.resources, schema.changes, schema.tokens, schema.people, schema.workspaces]
    columns = [[column for column in table.c if column.name not in _LEFT_OUT] for table in tables]
    owed = schema.deliveries.c
    return [await all_of(database, *of) for of in (*columns, [owed.message, owed.state, owed.tries])]


@every_endpoint
async def test_who_may_does_and_nobody_else(database: Database, tmp_path: Path, endpoint: Endpoint) -> None:
    """Without a token 401, without the scope 403, and then nothing is changed or told; the least who may, does."""
    async with served(database, tmp_path) as desk:
        await a_filing_came(database)
        sent = await example(desk, await desk.token(), endpoint)
        may_not = [None, *[await desk.token(role) for role in Role if endpoint.scope not in role.scopes]]
        may = await desk.token(next(role for role in Role if endpoint.scope in role.scopes))
        before = await _state(database)
        refused = [await desk.ask(endpoint.method, sent.path, one, sent.body, **sent.headers) for one in may_not]
        after = await _state(database)
        done = await desk.ask(endpoint.method, sent.path, may, sent.body, **sent.headers)

    assert [401, *[403] * (len(may_not) - 1)] == [one.status for one in refused]
    assert before == after
    assert "CANARY" not in str([one.content for one in refused])
    assert done.status < 300, done.content


@every_endpoint
async def test_another_workspace_is_as_if_it_were_not_there(
    database: Database, tmp_path: Path, endpoint: Endpoint
) -> None:
    """Its admin is told of nothing, not even that there is something, and changes nothing."""
    async with served(database, tmp_path) as desk:
        other = await desk.token(workspace=await desk.workspace("other"))
        sent = await example(desk, await desk.token(), endpoint)
        mine = [row for table in await _state(database) for row in table if DEFAULT in row]
        answer = await desk.ask(endpoint.method, sent.path, other, sent.body, **sent.headers)
        after = [row for table in await _state(database) for row in table if DEFAULT in row]

    if "{" in endpoint.path and "{filing}" not in endpoint.path:  # filings are everybody's
        assert 404 == answer.status
    if sent.body is None:
        assert "CANARY" not in str(answer.content)
    assert mine == after


async def test_what_lets_somebody_in_is_not_in_the_database(database: Database, tmp_path: Path) -> None:
    """Digests alone: whoever reads a backup can ask nothing with it."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        await desk.ask("GET", "/api/v1/me", token)
        async with database.reading() as connection:
            tables = schema.metadata.tables
            kept = [list(await connection.execute(text(f"SELECT * FROM {name}"))) for name in tables]

    assert token not in str(kept)
