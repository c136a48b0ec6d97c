"""How requests are refused and answered: names, sizes, scopes, rates, keys, and the document that says so."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest

from service.model.identity import DEFAULT
from service.model.person import Scope
from service.store import Database
from service.web import app
from service.web.api import ENDPOINTS
from service.web.api.streams import STREAMS
from service.web.endpoint import BASE
from tests.web.askers import signed_in, somebody
from tests.web.desk import Web, served

READER = {"name": "reader", "scopes": ["read"]}


async def test_a_page_elsewhere_cannot_pose_as_this_machine(database: Database, tmp_path: Path) -> None:
    """A name that comes to mean 127.0.0.1 (rebinding) is refused; health is asked by whatever name."""
    async with served(database, tmp_path, http_trusted="https://filings.example") as desk:
        token = await desk.token()
        answers = {
            host: (await desk.ask("GET", "/api/v1/me", token, Host=host)).status
            for host in ("evil.example", "127.0.0.1.evil.example", "filings.example", "FILINGS.example.", "[::1]:9", "")
        }

    assert {
        "evil.example": 421,
        "127.0.0.1.evil.example": 421,
        "filings.example": 200,
        "FILINGS.example.": 200,
        "[::1]:9": 200,
        "": 421,
    } == answers


async def test_every_answer_tells_browsers_to_allow_nothing_from_elsewhere(database: Database, tmp_path: Path) -> None:
    """Refusals too; nothing is kept on the way."""
    async with served(database, tmp_path) as desk:
        answers = [await desk.ask("GET", path) for path in ("/", "/api/v1/me", "/api/v1/openapi.json", "/api/v1/no")]

    for answer in answers:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert ("nosniff", "no-store") == (answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"])
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert [303, 401, 200, 404] == [answer.status for answer in answers]
    assert "application/problem+json" == answers[-1].headers["Content-Type"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "path"),
    [
        (b"{", {"Content_Type": "application/json"}, 400, None),
        (b"\xff", {"Content_Type": "application/json"}, 400, None),
        (b"name=x", {}, 415, None),
        (b"{}" + b" " * (8 * 1024 * 1024), {"Content_Type": "application/json"}, 413, None),
        ({"name": "x", "scopes": ["root"]}, {}, 422, ["scopes", 0]),
        ({"name": "x", "scopes": ["read"], "more": 1}, {}, 422, []),
        ({"name": " x", "scopes": ["read"]}, {}, 422, ["name"]),
        ({"name": "x", "scopes": ["read"]}, {"Idempotency_Key": "two words"}, 400, None),
    ],
)
async def test_what_cannot_be_used_is_refused_with_its_place(
    database: Database, tmp_path: Path, body: object, headers: dict[str, str], status: int, path: list[object] | None
) -> None:
    """As problem details, whatever is wrong with it; and nothing is made."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        answer = await desk.ask("POST", "/api/v1/tokens", token, body, **headers)
        there = await desk.ask("GET", "/api/v1/tokens", token)

    assert (status, "application/problem+json") == (answer.status, answer.headers["Content-Type"])
    assert path is None or [path] == [fault["path"] for fault in answer.content["faults"]]
    assert 1 == len(there.content["items"])


async def test_a_token_gives_no_more_than_it_was_given(database: Database, tmp_path: Path) -> None:
    """Else admin alone would be everything."""
    async with served(database, tmp_path) as desk:
        admin = await desk.token()
        only = await desk.ask("POST", "/api/v1/tokens", admin, {"name": "only", "scopes": ["admin"]})
        answer = await desk.ask("POST", "/api/v1/tokens", only.content["secret"], {"name": "more", "scopes": ["read"]})

    assert (403, "urn:filingbell:problem:scope") == (answer.status, answer.content["type"])


async def test_a_token_ends_when_it_is_revoked_or_expires(database: Database, tmp_path: Path) -> None:
    """At once, and its name is free again."""
    async with served(database, tmp_path) as desk:
        admin = await desk.token()
        made = await desk.ask("POST", "/api/v1/tokens", admin, READER | {"days": 1})
        secret, location = made.content["secret"], made.headers["Location"]
        before = await desk.ask("GET", "/api/v1/me", secret)
        revoked = await desk.ask("DELETE", location, admin)
        after = await desk.ask("GET", "/api/v1/me", secret)
        again = await desk.ask("POST", "/api/v1/tokens", admin, READER | {"days": 1})
        desk.clock.later = timedelta(days=1, seconds=1)
        expired = await desk.ask("GET", "/api/v1/me", again.content["secret"])

    assert ("reader", ["read"]) == (before.content["name"], before.content["scopes"])
    assert [200, 204, 401, 201, 401] == [one.status for one in (before, revoked, after, again, expired)]


async def test_an_idempotency_key_is_of_one_workspace(database: Database, tmp_path: Path) -> None:
    """Who sends the same in another workspace has it made there, and is not told what stands in the first."""
    async with served(database, tmp_path) as desk:
        person, other = await somebody(desk, "anna", None), await desk.workspace("other")
        made = []
        for workspace in (DEFAULT, other):
            cookie, more = await signed_in(desk, person, workspace)
            sent = {name.replace("-", "_"): value for name, value in (cookie | more).items()}
            answer = await desk.ask("POST", "/api/v1/tokens", None, READER, Idempotency_Key="k1", **sent)
            made.append((answer.content["token"]["id"], answer.content["secret"]))

    assert 2 == len({one for one, _ in made})
    assert all(secret for _, secret in made)


async def test_twins_with_one_idempotency_key_make_one_thing(either: Database, tmp_path: Path) -> None:
    """However close together; the secret is shown once, and another request under the key is refused."""
    async with served(either, tmp_path) as desk:
        admin = await desk.token()

        async def send() -> tuple[int, str, bool]:
            answer = await desk.ask("POST", "/api/v1/tokens", admin, READER, Idempotency_Key="k1")
            return answer.status, answer.content["token"]["id"], answer.content["secret"] is not None

        answers = await asyncio.gather(*(send() for _ in range(8)))
        other = await desk.ask("POST", "/api/v1/tokens", admin, READER | {"name": "b"}, Idempotency_Key="k1")

    assert {201} == {status for status, _, _ in answers}
    assert 1 == len({one for _, one, _ in answers})
    assert 1 == sum(shown for _, _, shown in answers)
    assert (422, ["Idempotency-Key"]) == (other.status, other.content["faults"][0]["path"])


async def test_who_asks_too_often_waits(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each for itself, with the time after which to try again; guessing at tokens ends sooner."""
    monkeypatch.setattr(app, "_BURST", 6)
    monkeypatch.setattr(app, "_STRANGERS", 3)
    async with served(database, tmp_path) as desk:
        token, other = await desk.token(), await desk.token()
        answers = [await desk.ask("GET", "/api/v1/me", token) for _ in range(7)]
        beside = await desk.ask("GET", "/api/v1/me", other)
        guesses = [await desk.ask("GET", "/api/v1/me", f"fbt_{number}") for number in range(4)]
        desk.clock.later = timedelta(seconds=int(answers[-1].headers["Retry-After"]))
        later = await desk.ask("GET", "/api/v1/me", token)

    assert [*[200] * 6, 429] == [answer.status for answer in answers]
    assert [f'"api";r={left};t={60 - 10 * left}' for left in (5, 4, 3)] == [
        answer.headers["RateLimit"] for answer in answers[:3]
    ]
    assert '"api";q=6;w=60' == answers[0].headers["RateLimit-Policy"]
    assert [401, 401, 401, 429] == [answer.status for answer in guesses]
    assert (200, 200) == (beside.status, later.status)


async def test_behind_a_proxy_strangers_are_told_apart(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the address that the proxy saw; what a stranger says of itself before that counts for nothing."""
    monkeypatch.setattr(app, "_STRANGERS", 1)
    async with served(database, tmp_path, http_trusted="https://filings.example") as desk:
        answers = [
            (await desk.ask("GET", "/api/v1/me", "fbt_x", X_Forwarded_For=told)).status
            for told in ("192.0.2.1", "192.0.2.2", "192.0.2.9, 192.0.2.1")
        ]

    assert [401, 401, 429] == answers


async def test_the_document_describes_what_is_there(database: Database, tmp_path: Path) -> None:
    """Each endpoint with its operation; every reference in it leads somewhere, and every schema is one."""
    async with served(database, tmp_path) as desk:
        document = (await desk.ask("GET", "/api/v1/openapi.json")).content

    assert "3.1.0" == document["openapi"]
    operations = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    streams = {("GET", f"{BASE}{one.path}") for one in STREAMS}  # they go before names: no alert is called `stream`
    assert {(one.method, f"{BASE}{one.path}") for one in ENDPOINTS} | streams == operations
    paths = document["paths"].keys() - {path for _, path in streams}
    patterns = [re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in paths]
    assert {1} == {sum(bool(one.fullmatch(path)) for one in patterns) for path in paths}
    names = set(document["components"]["schemas"])
    assert set() == {one.rpartition("/")[2] for one in _references(document)} - names
    assert [] == [name for name in names if not name.isidentifier()]  # two of one name have that of their module
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


async def test_answers_are_as_the_document_says(database: Database, tmp_path: Path) -> None:
    """So that a client that is made from it can read them."""
    async with served(database, tmp_path) as desk:
        await _answers_are_as_the_document_says(desk)


async def _answers_are_as_the_document_says(desk: Web) -> None:
    document = (await desk.ask("GET", "/api/v1/openapi.json")).content
    admin = await desk.token(scopes=Scope)
    for path, item in document["paths"].items():
        if "get" not in item or "{" in path or path.endswith("/stream"):  # which has no end
            continue
        answer = await desk.ask("GET", path, admin)
        schema = item["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.content, {**schema, "components": document["components"]})


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        mine = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return mine + [one for inner in value.values() for one in _references(inner)]
    return [one for inner in value for one in _references(inner)] if isinstance(value, list) else []
