"""``sink``: a receiver for Slack and webhook requests, which verifies what it gets."""

import asyncio
import errno
import html
import json
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web
from msgspec import Struct
from rich.console import Console
from rich.text import Text
from standardwebhooks import WebhookVerificationError

from consumers.dispatcher.channels.webhook import Verifier, verifier
from service.cli.screen import Screen
from service.clock import now
from service.lookalike.loopback import Loopback
from service.model.calendar import EASTERN
from service.model.errors import ConfigError
from service.text import one_line
from service.wire import encode

_BODY = 4 * 1024 * 1024


class Receipt(Struct, frozen=True, kw_only=True):
    """One request that came in."""

    kind: str  # "slack" or "webhook"; "unused": it is neither
    method: str = "POST"
    path: str = "/"
    why: str | None = None  # why it was not used; None: it was
    id: str | None = None  # webhook-id; None: Slack has none
    verified: bool | None = None  # None: nothing to verify, or no secret to verify it with
    repeated: bool = False  # a webhook-id that was received before
    text: str = ""
    accession: str | None = None
    at: datetime


class Sink(Loopback):
    """Listens on the loopback address; answers 401 to a webhook whose signature is wrong, 4xx to what it cannot use."""

    def __init__(self, port: int, secrets: Sequence[str], tell: Callable[[Receipt], None]) -> None:
        self._verifiers = [_verifier(secret) for secret in secrets]
        self._tell = tell
        self._seen: set[str] = set()
        app = web.Application(client_max_size=_BODY)
        app.router.add_route("*", "/{path:.*}", self._receive)
        super().__init__(app, port)

    async def _receive(self, request: web.Request) -> web.Response:
        if request.method != "POST":
            return self._refuse(request, 405, "Slack and webhooks send POST")
        try:
            body = await request.read()
            content = json.loads(body)
        except web.HTTPRequestEntityTooLarge:
            return self._refuse(request, 413, f"its body is larger than {_BODY // 2**20} MiB")
        except (ValueError, RecursionError):
            return self._refuse(request, 400, "its body is not JSON")
        if not isinstance(content, dict):
            return self._refuse(request, 400, "its body is not a JSON object")
        receipt = self._receipt(request, content, body)
        self._tell(receipt)
        if receipt.verified is False:
            return web.Response(status=401, text="the signature is wrong")
        return web.Response(text="ok")

    def _refuse(self, request: web.Request, status: int, why: str) -> web.Response:
        self._tell(Receipt(kind="unused", method=request.method, path=request.path, why=why, at=now()))
        return web.Response(status=status, text="invalid_payload" if status == 400 else why)

    def _verified(self, request: web.Request, body: bytes) -> bool | None:
        if not self._verifiers:
            return None
        for one in self._verifiers:
            try:
                one.verify(body, dict(request.headers))
            except WebhookVerificationError:
                continue
            return True
        return False

    def _receipt(self, request: web.Request, content: dict[str, Any], body: bytes) -> Receipt:
        message_id = request.headers.get("webhook-id")
        repeated = message_id in self._seen
        if message_id:
            self._seen.add(message_id)
        filing = content.get("filing")
        return Receipt(
            kind="webhook" if message_id else "slack",
            path=request.path,
            id=message_id,
            verified=self._verified(request, body) if message_id else None,
            repeated=repeated,
            text=str(content.get("headline" if message_id else "text", "")),
            accession=filing.get("accession") if isinstance(filing, dict) else None,
            at=now(),
        )


def _verifier(secret: str) -> Verifier:
    """Raises ConfigError where a webhook's configuration would not take *secret*."""
    try:
        return verifier(secret)
    except ValueError as error:
        raise ConfigError(
            "--secret is not a webhook secret, nor a public key; `filingbell secret` prints one"
        ) from error


def show(receipt: Receipt, console: Console) -> None:
    """Print *receipt* on one line."""
    at = format(receipt.at.astimezone(EASTERN), "%H:%M:%S.%f")[:-3]
    if receipt.why is not None:
        told = one_line(f"{receipt.method} {receipt.path}: not used: {receipt.why}")
        line = Text.assemble((at, "dim"), ("  unused    ", "yellow"), told)
        console.print(line, no_wrap=True, overflow="ellipsis")
        return
    marks = {
        True: ("signature verified", "green"),
        False: ("SIGNATURE WRONG", "bold red"),
        None: ("received" if receipt.kind == "slack" else "signature not checked", "dim"),
    }
    repeated = (" repeated", "yellow") if receipt.repeated else ""
    line = Text.assemble(
        (at, "dim"),
        (f"  {receipt.kind:<8}", "bold magenta" if receipt.kind == "slack" else "bold blue"),
        marks[receipt.verified],
        repeated,
        ("  ", ""),
        (one_line(html.unescape(receipt.text)), "dim"),
    )
    console.print(line, no_wrap=True, overflow="ellipsis")


def sink(port: int, secrets: list[str], *, as_json: bool) -> None:
    """Listen on *port* until stopped."""
    console = Screen(framed=True)

    def tell(receipt: Receipt) -> None:
        if as_json:
            sys.stdout.write(encode(receipt).decode() + "\n")
            sys.stdout.flush()
        else:
            show(receipt, console)

    try:
        asyncio.run(_listen(Sink(port, secrets, tell)))
    except OSError as error:
        raise ConfigError(f"port {port} {_why(error)}; choose another with --port") from error


def _why(error: OSError) -> str:
    return "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"


async def _listen(receiver: Sink) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with receiver:
        print(f"listening on {receiver.url} for Slack and webhook requests; stop with Ctrl-C", file=sys.stderr)
        await stopped.wait()
