"""Services that take as many messages as their documentation says, and refuse others in their own words."""

import json
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from email.utils import format_datetime
from itertools import count
from math import ceil
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.kit.answering import answering
from tests.kit.mailbox import Mailbox

_ACCESSION = re.compile(r"0009990900-25-\d{6}")
_STAMPS = count(1503435956)  # by which Slack names messages
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Service:
    """A kind of channel, and what its service documents."""

    kind: str
    most: int  # messages it takes
    within: timedelta
    settings: Mapping[str, Any] = field(default_factory=dict)
    took: Callable[[], web.Response] = lambda: web.Response(text="ok")
    refuses: Callable[[str], web.Response] = lambda wait: web.Response(status=429, headers={"Retry-After": wait})
    odd: bool = True  # whether it can say how long to wait


def _discord(wait: str) -> web.Response:
    """https://docs.discord.com/developers/topics/rate-limits: whole seconds in the header, fractions in the body."""
    seconds = float(wait) if _NUMBER.fullmatch(wait) else None
    said = {"message": "You are being rate limited.", "retry_after": seconds, "global": False}
    return web.json_response(said, status=429, headers={"Retry-After": wait if seconds is None else str(int(seconds))})


def _telegram(wait: str) -> web.Response:
    """https://core.telegram.org/bots/api#responseparameters: whole seconds in the body, and no header or less."""
    said: dict[str, Any] = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {wait}"}
    if not wait.isdigit():
        return web.json_response(said, status=429, headers={"Retry-After": wait})
    said["parameters"] = {"retry_after": int(wait)}
    return web.json_response(said, status=429, headers={"Retry-After": "1"} if int(wait) % 2 else {})


def _slack_bot(wait: str) -> web.Response:
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": wait})


def _pagerduty(wait: str) -> web.Response:
    said = {"status": "throttle exceeded", "message": "Requests for this service are arriving too quickly."}
    return web.json_response(said, status=429, headers={"Retry-After": wait})


def _written() -> web.Response:
    return web.json_response({"ok": True, "channel": "C0123456789", "ts": f"{next(_STAMPS)}.000247"})


_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SERVICES = (
    Service(
        kind="slack",
        most=1,
        within=_SECOND,
        refuses=lambda wait: web.Response(status=429, headers={"Retry-After": wait}, text="rate_limited"),
    ),
    Service(
        kind="slack_bot",
        most=1,
        within=_SECOND,
        settings={"token": "xoxb-canary-CANARY0123456789", "channel": "C0123456789"},
        took=_written,
        refuses=_slack_bot,
    ),
    Service(kind="discord", most=30, within=_MINUTE, took=lambda: web.Response(status=204), refuses=_discord),
    Service(kind="teams", most=4, within=_SECOND, took=lambda: web.Response(status=202)),
    Service(
        kind="telegram",
        most=20,
        within=_MINUTE,
        settings={"token": "123456789:canaryCANARYcanaryCANARYcanaryCANAR", "chat": "-1001234567890"},
        took=lambda: web.json_response({"ok": True, "result": {"message_id": 7}}),
        refuses=_telegram,
    ),
    Service(
        kind="pagerduty",
        most=120,
        within=_MINUTE,
        settings={"key": "canaryCANARYcanaryCANARYcanaryCA"},
        took=lambda: web.json_response({"status": "success", "message": "Event processed"}, status=202),
        refuses=_pagerduty,
    ),
    Service(
        kind="email",
        most=1,
        within=_SECOND,
        settings={"security": "none", "sender": "alerts@example.com", "to": "anna@example.com"},
        odd=False,
    ),
)


def _odd(at: datetime) -> list[tuple[str, timedelta]]:
    """What may stand in ``Retry-After``, and what it means."""
    date = format_datetime(at.replace(microsecond=0) + timedelta(seconds=8), usegmt=True)
    return [
        ("3", timedelta(seconds=3)),
        (date, at.replace(microsecond=0) + timedelta(seconds=8) - at),
        ("0", timedelta(0)),
        ("7.25", timedelta(seconds=7.25)),
        ("-5", timedelta(0)),
        ("soon", timedelta(0)),
        ("86400", timedelta(days=1)),
    ]


@dataclass(kw_only=True)
class Seen:
    """What a service saw: how many requests, which of them were too early, and the filings that each message told."""

    service: Service
    clock: Callable[[], datetime]
    every: int  # of so many requests one is refused though it comes in time; 0: none
    asked: int = 0
    refused: int = 0
    early: list[datetime] = field(default_factory=list)
    told: list[list[str]] = field(default_factory=list)
    _allowed: datetime | None = None
    _window: deque[datetime] = field(default_factory=deque)

    def refusal(self, text: str) -> str | None:
        """How long whoever sent *text* is to wait; None: it was taken."""
        at = self.clock()
        self.asked += 1
        if wait := self._wait(at):
            self.early.append(at)
            self.refused += 1
            return str(ceil(wait.total_seconds()))
        if self.every and self.asked % self.every == 0:
            values = _odd(at)
            said, means = values[self.refused % len(values)]
            self._allowed = at + means if self.service.odd else None
            self.refused += 1
            return said
        self._window.append(at)
        self.told.append(list(dict.fromkeys(_ACCESSION.findall(text.replace("\\", "")))))
        return None

    def _wait(self, at: datetime) -> timedelta:
        """For how long no request may come, by what the service documents and has said."""
        while self._window and self._window[0] <= at - self.service.within:
            self._window.popleft()
        full = len(self._window) >= self.service.most
        free = self._window[0] + self.service.within if full else at
        return max(free, self._allowed or at, at) - at


@asynccontextmanager
async def serving(seen: Seen) -> AsyncIterator[str]:
    """The service at work; gives its address."""
    if seen.service.kind == "email":
        async with _Mails(seen) as server:
            yield f"127.0.0.1:{server.port}"
        return

    async def answer(request: web.Request) -> web.Response:
        wait = seen.refusal(json.dumps(await request.json()))
        return seen.service.took() if wait is None else seen.service.refuses(wait)

    async with answering(answer) as url:
        yield url


class _Mails(Mailbox):
    """A mail server that defers what comes too quickly."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen = seen

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail, or say that it came too quickly."""
        mail = message_from_bytes(envelope.original_content or b"", policy=default)
        text = mail.get_body(("plain",))
        if self._seen.refusal(text.get_content() if text is not None else "") is not None:
            return "421 4.7.28 unusual rate, try again later"
        return await super().handle_DATA(server, session, envelope)
