"""Requests that no browser and no honest program sends: each is refused, and none is told as an error of ours."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from structlog.testing import capture_logs

from service.model.person import Role
from service.store import Database
from service.web import received
from service.web.problems import Refusal
from tests.web.browser import Browser
from tests.web.desk import Web, served

_LINES = "application/x-www-form-urlencoded"
_PARTS = "multipart/form-data; boundary=b"
_FIELD = b'--b\r\nContent-Disposition: form-data; name="name"\r\n'
_END = b"\r\n--b--\r\n"

_FORMS = {
    "a character set that is none": (f"{_LINES}; charset=nope", b"name=a"),
    "a codec that is no character set": (f"{_LINES}; charset=rot13", b"name=a"),
    "bytes that are no text": (_LINES, b"name=\xff"),
    "no boundary": ("multipart/form-data", b"x"),
    "another boundary": (_PARTS, b"--c\r\n\r\nx\r\n--c--\r\n"),
    "a part without a name": (_PARTS, b"--b\r\n\r\nx" + _END),
    "a part of parts": (_PARTS, _FIELD + b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c--" + _END),
    "a part whose bytes are no text": (_PARTS, _FIELD + b"\r\n\xff" + _END),
    "a part whose character set is none": (_PARTS, _FIELD + b"Content-Type: text/plain; charset=nope\r\n\r\nx" + _END),
    "a part whose encoding is none": (_PARTS, _FIELD + b"Content-Transfer-Encoding: nope\r\n\r\nx" + _END),
    "a part that is no base64": (_PARTS, _FIELD + b"Content-Transfer-Encoding: base64\r\n\r\nx" + _END),
    "a part without an end": (_PARTS, _FIELD + b"\r\nx"),
}

_HEADERS = {
    "cookie": b"Cookie: filingbell=\xff.\xfe; filingbell-said=\xff; filingbell-theme=\xff",
    "token": b"Authorization: Bearer fbt_\xff",
    "where htmx is": b"HX-Request: true\r\nHX-Current-URL: http://localhost/\xff",
    "where htmx cannot be": b"HX-Request: true\r\nHX-Current-URL: http://[::1/",
    "browser": b"User-Agent: \xff",
    "where it comes from": b"Origin: \xff\r\nSec-Fetch-Site: \xff",
}


async def _status(desk: Web, *lines: bytes, late: bytes = b"") -> int:
    """The status that is answered to these *lines*, as they stand; *late* is sent once it has come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(desk.url.rpartition(":")[2]))
    writer.write(b"\r\n".join((*lines, b"Host: localhost", b"Connection: close", b"", b"")))
    try:
        return int((await reader.readline()).split()[1])
    finally:
        writer.write(late)
        writer.close()


@pytest.mark.parametrize("form", _FORMS.values(), ids=_FORMS)
async def test_a_form_that_cannot_be_read_is_its_senders_fault(
    database: Database, tmp_path: Path, form: tuple[str, bytes]
) -> None:
    """Anybody can send one to the pages that are for anyone, or fill the log with it."""
    kind, body = form
    with capture_logs() as logs:
        async with served(database, tmp_path) as desk:
            answer = await desk.ask("POST", "/sign-in", body=body, Content_Type=kind)

    assert (400, []) == (answer.status, logs)
    assert b"The form cannot be read" in answer.content


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/rules"])
async def test_a_packed_body_is_refused_as_it_comes(database: Database, tmp_path: Path, path: str) -> None:
    """For programs as well as for browsers: a megabyte would become a thousand before anybody has signed in."""
    with capture_logs() as logs:
        async with served(database, tmp_path) as desk:
            token = await desk.token() if path.startswith("/api") else None
            kind = "application/json" if token else _LINES
            answer = await desk.ask("POST", path, token, b"no gzip", Content_Encoding="gzip", Content_Type=kind)

    assert (415, []) == (answer.status, logs)


async def test_a_body_whose_sender_is_gone_is_no_error_of_ours() -> None:
    """A browser that is closed while it sends, or a proxy that gives up."""
    coming = StreamReader(BaseProtocol(asyncio.get_running_loop()), 1024)
    coming.set_exception(ConnectionResetError("Connection lost"))

    with pytest.raises(Refusal, match="cannot be read"):
        await received.body(make_mocked_request("POST", "/sign-in", payload=coming))


async def test_a_body_that_never_comes_is_not_waited_for(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a few thousand of them would keep the process busy with nothing."""
    monkeypatch.setattr(received, "_PATIENCE", 0.01)
    async with served(database, tmp_path) as desk:
        head = (b"POST /sign-in HTTP/1.1", b"Content-Length: 6", b"Content-Type: " + _LINES.encode())
        status = await _status(desk, *head, late=b"name=a")

    assert 408 == status


@pytest.mark.parametrize("header", _HEADERS.values(), ids=_HEADERS)
async def test_a_header_may_have_any_bytes(database: Database, tmp_path: Path, header: bytes) -> None:
    """What is no text names nobody, and breaks nothing."""
    with capture_logs() as logs:
        async with served(database, tmp_path) as desk:
            page = await _status(desk, b"GET /account HTTP/1.1", header)
            anyone = await _status(desk, b"GET /sign-in HTTP/1.1", header)
            sent = await _status(desk, b"POST /sign-out HTTP/1.1", b"Content-Length: 0", header)
            program = await _status(desk, b"GET /api/v1/rules HTTP/1.1", header)

    assert ([], True) == (logs, {page, anyone, sent, program} <= {200, 204, 303, 401, 403})


async def test_what_a_form_sends_along_may_have_any_bytes(database: Database, tmp_path: Path) -> None:
    """It is not what this browser was given."""
    with capture_logs() as logs:
        async with served(database, tmp_path) as desk:
            browser = await Browser(desk).signed_in(Role.VIEWER)
            cookie = f"Cookie: filingbell={browser.cookies['filingbell']}".encode()
            wrong = (b"X-CSRF-Token: \xff", b"Content-Length: 0")
            status = await _status(desk, b"POST /account/sign-out-everywhere HTTP/1.1", cookie, *wrong)

    assert (403, []) == (status, logs)


@pytest.mark.parametrize("place", ["//[", "http://[", "/[::1", "//elsewhere.example", "/\\elsewhere.example"])
async def test_a_place_to_go_on_to_may_be_anything(database: Database, tmp_path: Path, place: str) -> None:
    """It is shown what it asked for, and led nowhere else."""
    async with served(database, tmp_path) as desk:
        page = await Browser(desk).get(f"/sign-in?next={place}")
        inside = await (await Browser(desk).signed_in(Role.VIEWER)).get(f"/sign-in?next={place}")

    assert (200, 303) == (page.status, inside.status)
    assert inside.to in ("/", "/[::1")


@pytest.mark.parametrize("path", ["/rules/a%00", "/alerts?text=%00", "/api/v1/rules/%00", "/api/v1/alerts?cursor=%00"])
async def test_an_address_with_a_nul_is_refused(either: Database, tmp_path: Path, path: str) -> None:
    """PostgreSQL has no text with it, and would fail on it wherever an address names something."""
    with capture_logs() as logs:
        async with served(either, tmp_path) as desk:
            browser, token = await Browser(desk).signed_in(), await desk.token()
            page = await browser.get(path)
            program = await desk.ask("GET", path, token)

    assert (400, 400, []) == (page.status, program.status, logs)


async def test_a_form_with_a_nul_is_refused(either: Database, tmp_path: Path) -> None:
    """Whoever sends it, to sign in or to make something."""
    with capture_logs() as logs:
        async with served(either, tmp_path) as desk:
            stranger = await Browser(desk).send("/sign-in", {"name": "an\0na", "password": "x"})
            browser = await Browser(desk).signed_in()
            person = await browser.send("/workspaces", {"name": "other\0"})

    assert (400, 400, []) == (stranger.status, person.status, logs)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/rules", {"name": "a\0b", "settings": {"kinds": "sale"}}),
        ("/rules", {"name": "a", "settings": {"kinds": "sale", "description": "a\0b"}}),
        ("/drafts/preview", {"settings": {"kinds": "sale", "watchlist": ["a\0b"]}}),
        ("/tokens", {"name": "a\0b", "scopes": ["read"]}),
        ("/deliveries/resend", {"channel": "a\0b"}),
    ],
)
async def test_a_body_with_a_nul_is_refused(
    either: Database, tmp_path: Path, path: str, said: dict[str, object]
) -> None:
    """However deep it stands."""
    with capture_logs() as logs:
        async with served(either, tmp_path) as desk:
            answer = await desk.ask("POST", f"/api/v1{path}", await desk.token(), body=said)

    assert (400, []) == (answer.status, logs)


async def test_a_stranger_sends_no_more_than_a_form_asks_for(database: Database, tmp_path: Path) -> None:
    """Nor without saying how much it is: a few dozen at once would take all memory that there is."""
    async with served(database, tmp_path) as desk:
        large = await desk.ask("POST", "/sign-in", body=b"name=" + b"a" * 70_000, Content_Type=_LINES)
        head = (b"POST /sign-in HTTP/1.1", b"Content-Type: " + _LINES.encode(), b"Transfer-Encoding: chunked")
        unsaid = await _status(desk, *head, late=b"0\r\n\r\n")

    assert (413, 413) == (large.status, unsaid)
