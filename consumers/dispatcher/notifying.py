"""Apprise carries messages to services that filingbell does not know: an extra, which is loaded on first use."""

import asyncio
import logging
from importlib import import_module
from types import ModuleType

from msgspec import Struct

from consumers.dispatcher.post import Answer, NoAnswer, Notification
from service.model.delivery import Reason

TAKEN = 0  # the status of what Apprise calls a success: it tells no other
_TOTAL = 14.0  # seconds
_SILENT = "Apprise says that it failed, and not why"


class AppriseNotInstalled(Exception):  # it says so
    """Apprise is missing."""

    def __init__(self) -> None:
        super().__init__("Apprise is not installed: make apprise, or pip install 'filingbell[apprise]'")


class Room(Struct, frozen=True, kw_only=True):
    """How much a service takes, in characters."""

    title: int  # 0: it has none
    body: int


def room_of(url: str) -> Room:
    """How much the service at *url* takes; raises NotInstalled, and ValueError where Apprise knows no such address."""
    service = _apprise().Apprise.instantiate(url, suppress_exceptions=True)
    if service is None:
        raise ValueError("Apprise knows no such address; see https://appriseit.com/services/")
    return Room(title=int(service.title_maxlen), body=int(service.body_maxlen))


async def notify(message: Notification) -> Answer | NoAnswer:
    """Have Apprise send *message*, in threads of its own; a thread that hangs ends when its sockets do.

    What it says of a failure may hold secrets.
    """
    apprise = _apprise()
    sender = apprise.Apprise()
    sender.add(message.url)
    try:
        async with asyncio.timeout(_TOTAL):
            result = await sender.async_notify(
                body=message.body.decode(), title=message.title, body_format=apprise.NotifyFormat.TEXT
            )
    except TimeoutError:
        return NoAnswer(reason=Reason.TIMEOUT, detail="no answer in time")
    if result:
        return Answer(status=TAKEN, phrase="", text="", retry_after=None)
    told = " ".join(str(entry.message) for entry in result.logs())
    return NoAnswer(reason=Reason.REFUSED, detail=told or _SILENT)


def _apprise() -> ModuleType:
    log = logging.getLogger("apprise")
    log.propagate = False  # what it writes names addresses with their secrets
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    try:
        return import_module("apprise")
    except ImportError:
        raise AppriseNotInstalled from None
