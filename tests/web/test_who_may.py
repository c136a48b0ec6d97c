"""Every endpoint, and everybody who could ask it: who may does, and nobody else reads or changes anything."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from service.model.identity import DEFAULT
from service.model.person import Scope
from service.store import Database, schema
from service.web import app
from service.web.api import ENDPOINTS
from service.web.endpoint import Endpoint
from tests.kit.rows import all_of
from tests.web.askers import everybody
from tests.web.desk import Answered, Web, served
from tests.web.examples import Example, a_filing_came, examples

_TABLES = (
    schema.resources,
    schema.changes,
    schema.tokens,
    schema.people,
    schema.memberships,
    schema.links,
    schema.workspaces,
    schema.dead_letters,
    schema.silences,
)
_LEFT_OUT = {"used", "seen", "expires"}  # who may ask is noted, whatever comes of it


async def state(database: Database) -> list[list[tuple[object, ...]]]:
    """All that requests could change."""
    columns = [[column for column in table.c if column.name not in _LEFT_OUT] for table in _TABLES]
    owed = schema.deliveries.c
    return [await all_of(database, *of) for of in (*columns, [owed.message, owed.state, owed.tries])]


async def _counts(database: Database) -> dict[str, int]:
    """How many there are of each."""
    async with database.reading() as connection:
        return {table.name: await connection.scalar(select(func.count()).select_from(table)) or 0 for table in _TABLES}


async def test_nobody_else_may(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not signed in 401, without the scope or made to ask by a page elsewhere 403: nothing is told or done."""
    monkeypatch.setattr(app, "_STRANGERS", 1000)
    async with served(database, tmp_path) as desk:
        await a_filing_came(database)
        sent = await examples(desk, await desk.token(scopes=Scope), ENDPOINTS)
        there = await everybody(desk)
        before = await state(database)
        answers = {
            (endpoint.name, who.name): await _ask(desk, endpoint, one, **who.headers)
            for endpoint, one in sent
            for who in there
            if not who.may(endpoint.scope, changing=endpoint.method != "GET")
        }
        after = await state(database)

    expected = {(name, who): 401 if who == "nobody" else 403 for name, who in answers}
    assert expected == {place: answer.status for place, answer in answers.items()}
    assert {one.name for one in ENDPOINTS} == {name for name, _ in answers}
    assert before == after
    assert "CANARY" not in str([answer.content for answer in answers.values()])


async def test_who_may_read_does(database: Database, tmp_path: Path) -> None:
    """A token with the scope alone, and people whose role has it."""
    async with served(database, tmp_path) as desk:
        await a_filing_came(database)
        reading = [one for one in ENDPOINTS if one.method == "GET"]
        sent = await examples(desk, await desk.token(scopes=Scope), reading)
        answers = {
            (endpoint.name, who.name): await _ask(desk, endpoint, one, **who.headers)
            for who in await everybody(desk)
            for endpoint, one in sent
            if who.may(endpoint.scope, changing=False)
        }

    assert {} == {place: one.content for place, one in answers.items() if one.status != 200}
    assert {one.name for one in reading} == {name for name, _ in answers}


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one.method != "GET"], ids=lambda one: one.name)
async def test_who_may_change_does(database: Database, tmp_path: Path, endpoint: Endpoint) -> None:
    """A token with the scope alone is enough."""
    async with served(database, tmp_path) as desk:
        await a_filing_came(database)
        ((_, sent),) = await examples(desk, await desk.token(scopes=Scope), [endpoint])
        done = await _ask(desk, endpoint, sent, Authorization=f"Bearer {await desk.token(scopes=[endpoint.scope])}")

    assert done.status < 300, done.content


async def test_another_workspace_is_as_if_it_were_not_there(database: Database, tmp_path: Path) -> None:
    """Its admin is told of nothing, not even that there is something, and changes nothing."""
    async with served(database, tmp_path) as desk:
        other = await desk.token(workspace=await desk.workspace("other"))
        making_last = sorted(ENDPOINTS, key=lambda one: one.takes is not None)  # until then they have nothing so called
        sent = await examples(desk, await desk.token(scopes=Scope), making_last)
        mine = [row for table in await state(database) for row in table if DEFAULT in row]
        answers = [
            (endpoint, one, await _ask(desk, endpoint, one, Authorization=f"Bearer {other}")) for endpoint, one in sent
        ]
        after = [row for table in await state(database) for row in table if DEFAULT in row]

    missing = [one for one in ENDPOINTS if "{" in one.path and not _is_everybodys(one)]
    expected = {one.name: 403 if one.scope is Scope.INSTANCE else 404 for one in missing}
    assert expected == {one.name: answer.status for one, _, answer in answers if one in missing}
    assert [] == [one.name for one, sent, answer in answers if not sent.body and "CANARY" in str(answer.content)]
    assert mine == after


def _is_everybodys(endpoint: Endpoint) -> bool:
    """Filings are, and what could not be used of them."""
    return endpoint.scope is not Scope.INSTANCE and ("{filing}" in endpoint.path or "{letter}" in endpoint.path)


async def test_what_stands_is_changed_as_it_was_read_alone(database: Database, tmp_path: Path) -> None:
    """Without If-Match 428, with one that is stale or that is none of ours 412; and then nothing is changed."""
    async with served(database, tmp_path) as desk:
        changing = [one for one in ENDPOINTS if one.changes]
        token = await desk.token(scopes=Scope)
        sent = await examples(desk, token, changing)
        before = await state(database)
        answers = {
            (endpoint.name, given): await desk.ask(
                endpoint.method, one.path, token, one.body, **({} if given is None else {"If_Match": given})
            )
            for endpoint, one in sent
            for given in (None, '"999999"', '"x"', 'W/"1"', "")
        }
        after = await state(database)

    expected = {(name, given): 428 if given is None else 412 for name, given in answers}
    assert expected == {place: answer.status for place, answer in answers.items()}
    stale = {name: answer.content["revision"] for (name, given), answer in answers.items() if given == '"999999"'}
    assert all(revision < 999999 for revision in stale.values())
    assert before == after


async def test_twins_with_one_idempotency_key_make_one_thing(either: Database, tmp_path: Path) -> None:
    """However close together; another request under the key makes nothing."""
    async with served(either, tmp_path) as desk:
        token = await desk.token(scopes=Scope)
        for endpoint, sent in await examples(desk, token, [one for one in ENDPOINTS if one.repeats]):
            key = f"key-of-{endpoint.name}"

            async def send(
                body: object, *, to: Endpoint = endpoint, path: str = sent.path, under: str = key
            ) -> Answered:
                return await desk.ask(to.method, path, token, body, Idempotency_Key=under)

            before = await _counts(either)
            made = await asyncio.gather(*(send(sent.body) for _ in range(6)))
            once = await _counts(either)
            other = await send({**sent.body, "name": "CANARY other"})

            assert {201} == {one.status for one in made}
            assert 1 == len({one.headers["Location"] for one in made})
            assert {0, 1} == {once[name] - before[name] for name in once}
            assert (422, once) == (other.status, await _counts(either))


async def test_what_lets_somebody_in_is_not_in_the_database(database: Database, tmp_path: Path) -> None:
    """Digests alone: whoever reads a backup can ask nothing with it."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        await desk.ask("GET", "/api/v1/me", token)
        async with database.reading() as connection:
            tables = schema.metadata.tables
            kept = [list(await connection.execute(text(f"SELECT * FROM {name}"))) for name in tables]

    assert token not in str(kept)


async def _ask(desk: Web, endpoint: Endpoint, sent: Example, **headers: str) -> Answered:
    return await desk.ask(endpoint.method, sent.path, None, sent.body, **sent.headers, **headers)
