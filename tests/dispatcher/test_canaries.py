"""What receivers echo of a request shows nowhere: not in log, database, status, metrics or dead letters."""

import asyncio
import contextlib
import html
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

import aiohttp
from sqlalchemy import func, select

from service.lookalike.archive import FolderArchive
from service.lookalike.server import LookAlike
from service.model.calendar import EASTERN
from service.store import Database
from service.store.database import open_database
from service.store.schema import attempts
from tests.kit.archives import listings
from tests.kit.eventually import eventually
from tests.kit.process import Service, printed
from tests.servers.server import free_port

SIGNS = "whsec_c2lnbmluZ0thbmFyaTlzaWduaW5nS2FuYXJpOXNpZ25pbmc="
CONTACT = "Kay Kanari kay@kanari.example"
MARKS = (b"kanari", SIGNS.removeprefix("whsec_").lower().encode(), b"kay@")

ECHOES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "loud": str.upper,
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "twice": lambda text: quote(quote(text, safe=""), safe=""),
    "page": lambda text: f"<pre>Cannot POST {html.escape(text)}</pre>",
    "entities": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "json": lambda text: json.dumps({"ok": True, "path": text}).replace("/", "\\/"),
    "excerpt": lambda text: "x" * 265 + text,
    "cut": lambda text: "x" * 2025 + text,
}


def _where(name: str) -> str:
    return f"services/T0{name}/B0/9Kanari7{name.title()}Z?token=8Kanari6{name.title()}Y"


def _config(url: str) -> str:
    slack = {
        name: f"{url}/{name}/{_where(name)}" for name in [*ECHOES, "phrase", "headers", "refused", "chunks", "dead"]
    }
    hooks = {
        "user": url.replace("//", "//5KanariUser:5KanariPass@") + "/headers/x",
        "nobody": f"http://127.0.0.1:9/{_where('nobody')}",
        "dns": f"https://nowhere.invalid/{_where('dns')}",
    }
    channels = {name: {"type": "slack", "url": address} for name, address in slack.items()} | {
        name: {"type": "webhook", "url": address, "secrets": SIGNS} for name, address in hooks.items()
    }
    rules = {"all": {"channels": list(channels)}}
    return json.dumps({"channels": channels, "rules": rules, "operations": {"channels": "plain"}})  # YAML as well


def _answer(path: str, head: str, body: bytes) -> bytes:
    kind = path.split("/")[1]
    phrase, said, more = "Not Found", path, ""
    if kind in ECHOES:
        said = ECHOES[kind](path)
    elif kind == "phrase":
        phrase, said = f"Cannot POST {path}", ""
    elif kind == "headers":
        said, more = head, f"X-Path: {path}\r\nWarning: 199 - {path}\r\n"
    elif kind == "refused":
        said = json.dumps({"ok": False, "error": path})
    elif kind == "dead":
        phrase, said = f"no_service {path}", "no_service"
    start = f"HTTP/1.1 404 {phrase}\r\n{more}"
    if kind == "chunks":
        pieces = "".join(f"{len(path[at : at + 5]):x}\r\n{path[at : at + 5]}\r\n" for at in range(0, len(path), 5))
        return f"{start}Transfer-Encoding: chunked\r\n\r\n{pieces}0\r\n\r\n".encode()
    content = said.encode() + b" " + body
    return f"{start}Content-Length: {len(content)}\r\n\r\n".encode() + content


@asynccontextmanager
async def echoing() -> AsyncIterator[str]:
    """A server that says again what it is sent, in the way that the path's first part names; gives its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = int(head.lower().split("content-length:")[1].split("\r\n")[0])
            writer.write(_answer(head.split(" ")[1], head, await reader.readexactly(length)))
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}"


def _marks_in(content: bytes) -> list[bytes]:
    return [mark for mark in MARKS if mark in content]


def _tried(database: Database, channels: int) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        async with database.reading() as connection:
            tried = await connection.scalar(select(func.count(func.distinct(attempts.c.channel))))
        return bool(tried == channels)

    return condition


async def test_no_part_of_an_address_or_a_secret_is_shown_anywhere(tmp_path: Path) -> None:
    """At the debug level, however a receiver echoes it, and however it fails."""
    home, config, port = tmp_path / "home", tmp_path / "filingbell.yaml", free_port()
    archive = FolderArchive(listings(4, broken_every=4), datetime.now(UTC), speed=100)
    async with echoing() as url, LookAlike(archive) as edgar:
        config.write_text(_config(url))
        service = Service(
            home,
            config,
            sec_contact=CONTACT,
            sec_url=edgar.url,
            sec_rate="5000",
            poll_seconds="0.05",
            retry_seconds="0.05,0.05",
            log_level="debug",
            http=f"127.0.0.1:{port}",
        )
        database = await open_database(f"sqlite:///{home}/filingbell.db")
        await service.start("--since", datetime.now(EASTERN).date().isoformat())
        await eventually(_tried(database, config.read_text().count('"type"')))
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
            shown = {"metrics": await response.read()}
        commands = (["status"], ["status", "--json"], ["dlq", "list"], ["tail", "form4.dead", "--json"])
        for command in commands:
            shown[" ".join(command)] = await printed(*command, home=home)
        for file in home.glob("filingbell.db*"):
            shown[file.name] = file.read_bytes()
        await service.stop()
        await database.close()
    shown["log"] = service.log().encode()

    assert b"404 Cannot POST" in shown["log"]
    assert b"127.0.0.1" in shown["filingbell.db-wal"] + shown["filingbell.db"]
    for where, content in shown.items():
        for read in (content, unquote_to_bytes(content), unquote_to_bytes(unquote_to_bytes(content))):
            assert not _marks_in(read.lower()), where
            assert not _marks_in(html.unescape(read.decode("latin-1")).lower().encode()), where
