"""``sink``: a receiver for Slack and webhook requests, which verifies what it gets."""

import asyncio
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
from standardwebhooks import Webhook, WebhookVerificationError

from consumers.dispatcher.channels.webhook import signer
from service.cli.screen import Screen
from service.clock import now
from service.model.errors import ConfigError
from service.replay.loopback import Loopback
from service.text import one_line

_BODY = 4 * 1024 * 1024


class Receipt(Struct, frozen=True, kw_only=True):
    """One request that came in."""

    kind: str  # "slack" or "webhook"
    id: str | None  # webhook-id; None: Slack has none
    verified: bool | None  # None: nothing to verify, or no secret to verify it with
    repeated: bool  # a webhook-id that was received before
    text: str
    accession: str | None
    at: datetime


class Sink(Loopback):
    """Listens on the loopback address; answers 401 to a webhook whose signature is wrong."""

    def __init__(self, port: int, secrets: Sequence[str], tell: Callable[[Receipt], None]) -> None:
        self._verifiers = [_verifier(secret) for secret in secrets]
        self._tell = tell
        self._seen: set[str] = set()
        app = web.Application(client_max_size=_BODY)
        app.router.add_post("/{path:.*}", self._receive)
        super().__init__(app, port)

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            content = json.loads(body)
        except ValueError:
            return web.Response(status=400, text="invalid_payload")
        if not isinstance(content, dict):
            return web.Response(status=400, text="invalid_payload")
        message_id = request.headers.get("webhook-id")
        receipt = self._receipt(content, message_id, self._verified(request, body) if message_id else None)
        self._tell(receipt)
        if receipt.verified is False:
            return web.Response(status=401, text="the signature is wrong")
        return web.Response(text="ok")

    def _verified(self, request: web.Request, body: bytes) -> bool | None:
        if not self._verifiers:
            return None
        for verifier in self._verifiers:
            try:
                verifier.verify(body, dict(request.headers))
            except WebhookVerificationError:
                continue
            return True
        return False

    def _receipt(self, content: dict[str, Any], message_id: str | None, verified: bool | None) -> Receipt:
        repeated = message_id in self._seen
        if message_id:
            self._seen.add(message_id)
        filing = content.get("filing")
        return Receipt(
            kind="webhook" if message_id else "slack",
            id=message_id,
            verified=verified,
            repeated=repeated,
            text=str(content.get("headline" if message_id else "text", "")),
            accession=filing.get("accession") if isinstance(filing, dict) else None,
            at=now(),
        )


def _verifier(secret: str) -> Webhook:
    """Raises ConfigError where *secret* is none that a webhook's configuration takes."""
    try:
        return signer(secret)
    except ValueError as error:
        raise ConfigError("--secret is no webhook secret; `filingbell secret` prints one") from error


def show(receipt: Receipt, console: Console) -> None:
    """Print *receipt* on one line."""
    marks = {
        True: ("signature verified", "green"),
        False: ("SIGNATURE WRONG", "bold red"),
        None: ("received" if receipt.kind == "slack" else "signature not checked", "dim"),
    }
    repeated = (" repeated", "yellow") if receipt.repeated else ""
    line = Text.assemble(
        (f"{receipt.at.astimezone():%H:%M:%S.%f}"[:-3], "dim"),
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
            fields = {name: getattr(receipt, name) for name in receipt.__struct_fields__}
            console.out(json.dumps(fields, default=str))
        else:
            show(receipt, console)

    try:
        asyncio.run(_listen(Sink(port, secrets, tell)))
    except OSError as error:
        raise ConfigError(f"port {port} cannot be had ({error.strerror}); choose another with --port") from error


async def _listen(receiver: Sink) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with receiver:
        print(f"listening on {receiver.url} for Slack and webhook requests; stop with Ctrl-C", file=sys.stderr)
        await stopped.wait()
