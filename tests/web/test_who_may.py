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
from tests.web.examples import example

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
_LEFT_OUT = {"used", "seen", "expires"}  # who may ask is noted, whatever comes of it


async def _state(database: Database) -> list[object]:
    """All that requests could change."""
    tables = [schema.resources, schema.changes, schema.tokens, schema.people, schema.workspaces, schema.deliveries]
    return [await all_of(database, *(column for column in table.c if column.name not in _LEFT_OUT)) for table in tables]


@every_endpoint
@pytest.mark.parametrize("role", [None, *Role], ids=lambda one: str(one or "nobody"))
async def test_who_may_does_and_nobody_else(
    database: Database, tmp_path: Path, endpoint: Endpoint, role: Role | None
) -> None:
    """Without a token 401, without the scope 403, and then nothing is changed."""
    async with served(database, tmp_path) as desk:
        admin = await desk.token()
        token = None if role is None else await desk.token(role)
        sent = await example(desk, admin, endpoint)
        before = await _state(database)
        answer = await desk.ask(endpoint.method, sent.path, token, sent.body, **sent.headers)

        if role is not None and endpoint.scope in role.scopes:
            assert answer.status < 300, answer.content
            return
        assert (401 if role is None else 403) == answer.status
        assert before == await _state(database)
        assert "CANARY" not in str(answer.content)


@every_endpoint
async def test_another_workspace_is_as_if_it_were_not_there(
    database: Database, tmp_path: Path, endpoint: Endpoint
) -> None:
    """Its admin is told of nothing, not even that there is something, and changes nothing."""
    async with served(database, tmp_path) as desk:
        admin = await desk.token()
        other = await desk.token(workspace=await desk.workspace("other"))
        sent = await example(desk, admin, endpoint)
        mine = [row for table in await _state(database) for row in table if DEFAULT in row]
        answer = await desk.ask(endpoint.method, sent.path, other, sent.body, **sent.headers)

        if "{" in endpoint.path:
            assert 404 == answer.status
        if sent.body is None:
            assert "CANARY" not in str(answer.content)
        assert mine == [row for table in await _state(database) for row in table if DEFAULT in row]


async def test_what_lets_somebody_in_is_not_in_the_database(database: Database, tmp_path: Path) -> None:
    """Digests alone: whoever reads a backup can ask nothing with it."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        await desk.ask("GET", "/api/v1/me", token)
        async with database.reading() as connection:
            tables = schema.metadata.tables
            kept = [list(await connection.execute(text(f"SELECT * FROM {name}"))) for name in tables]

    assert token not in str(kept)
