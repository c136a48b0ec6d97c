"""The one way out: a bounded POST, or a mail. What the answer means is the channel's to say."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import aiohttp
import structlog

from consumers.dispatcher.door import Doors, NotAllowed
from consumers.dispatcher.notifying import notify
from consumers.dispatcher.post import Answer, Mail, NoAnswer, Notification, Parcel, Request
from consumers.dispatcher.retry_after import retry_after
from consumers.dispatcher.submission import Unfit, submit
from service.model.delivery import Reason
from service.proxy import Way, directly
from service.scrub import Scrub
from service.text import one_line

_TOTAL, _CONNECT = 15, 5  # seconds
_TIMEOUT = aiohttp.ClientTimeout(total=_TOTAL, connect=_CONNECT)
_REPLY = 2048  # characters of a mail server's reply that are kept
_PHRASE = 100  # characters of the status line that are kept
_BODY_PATIENCE = 2.0  # seconds for them, once the status is here: some bodies never end
_LINE = 256 * 1024  # bytes of a header; a long one makes an answer no worse
_HEADERS = 2000

_FAILURES: tuple[tuple[tuple[type[Exception], ...], Reason, str], ...] = (  # the first that fits
    (
        (NotAllowed,),
        Reason.NOT_ALLOWED,
        "not on the public internet, nor in FILINGBELL_EGRESS_ALLOW",
    ),
    ((aiohttp.ClientHttpProxyError,), Reason.NO_CONNECTION, "the proxy (FILINGBELL_PROXY) refuses to connect"),
    ((aiohttp.ClientProxyConnectionError,), Reason.NO_CONNECTION, "the proxy (FILINGBELL_PROXY) cannot be reached"),
    ((TimeoutError,), Reason.TIMEOUT, "no answer in time"),
    (
        (aiohttp.ClientSSLError, ssl.SSLError),
        Reason.TLS,
        "no secure connection: its certificate or TLS is not accepted",
    ),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), Reason.NO_CONNECTION, "host name not found"),
    ((aiohttp.InvalidURL,), Reason.NO_CONNECTION, "not a usable address"),
    ((aiohttp.ClientResponseError,), Reason.NOT_HTTP, "the answer is not HTTP"),
    (
        (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, ConnectionResetError, BrokenPipeError),
        Reason.NO_CONNECTION,
        "the connection broke off before an answer",
    ),
)

log = structlog.get_logger()


class Guard:
    """Posts with bounded time and memory, and never follows redirects.

    Receivers echo what they are sent, the path with a Slack webhook's secret too: nothing leaves here unscrubbed.
    """

    def __init__(self, doors: Doors, clock: Callable[[], datetime], scrub: Scrub, way: Way = directly) -> None:
        self._doors = doors
        self._clock = clock
        self._scrub = scrub
        self._way = way

    async def post(self, parcel: Parcel, *, trusted: bool = False) -> Answer | NoAnswer:
        """Send *parcel*. Whatever comes back, or fails on the way, is returned: nothing is raised.

        Unless it is *trusted*, since the operator's file names its address, it goes to the public internet alone, and
        to what the operator allows.
        """
        try:
            if isinstance(parcel, Mail):
                return await self._mailed(parcel, trusted=trusted)
            if isinstance(parcel, Notification):
                return await self._notified(parcel, trusted=trusted)
            return await self._posted(parcel, trusted=trusted)
        except Exception as error:
            return _failed(error)

    async def _mailed(self, mail: Mail, *, trusted: bool) -> Answer | NoAnswer:
        try:
            async with asyncio.timeout(_TOTAL):
                async with asyncio.timeout(_CONNECT):
                    connection = await self._doors.connected(mail.url, trusted=trusted)
                reply = await submit(mail, connection, self._doors.tls)
        except Unfit as error:
            return NoAnswer(reason=error.reason, detail=error.detail)
        return Answer(status=reply.code, phrase=reply.command, text=self._shown(reply.words)[:_REPLY], retry_after=None)

    async def _notified(self, message: Notification, *, trusted: bool) -> Answer | NoAnswer:
        """Where Apprise connects to nobody checks, so that it is for the operator's file alone."""
        if not trusted:
            raise NotAllowed
        answer = await notify(message)
        return answer if isinstance(answer, Answer) else replace(answer, detail=self._shown(answer.detail)[:_REPLY])

    async def _posted(self, request: Request, *, trusted: bool) -> Answer:
        proxy = self._way(request.url)
        async with self._doors.to(request.url, trusted=trusted, proxied=proxy is not None).post(
            request.url,
            proxy=proxy,
            headers={"Accept-Encoding": "identity", **request.headers},
            data=request.body,
            timeout=_TIMEOUT,
            allow_redirects=False,
            auto_decompress=False,  # a body that is badly compressed spoils no answer
            max_line_size=_LINE,
            max_field_size=_LINE,
            max_headers=_HEADERS,
        ) as response:
            return Answer(
                status=response.status,
                phrase=self._shown(response.reason or "")[:_PHRASE],
                text=self._shown((await _beginning(response.content, request.read)).decode("utf-8", "replace")),
                retry_after=retry_after(response.headers.get("Retry-After"), self._clock()),
            )

    def _shown(self, text: str) -> str:
        return self._scrub(one_line(text)).strip()


def _failed(error: Exception) -> NoAnswer:
    """*error* in words of ours: its own may repeat the address, and a Slack address is a secret."""
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error if isinstance(error.os_error, NotAllowed) else error
    for kinds, reason, words in _FAILURES:
        if isinstance(error, kinds):
            return NoAnswer(reason=reason, detail=words)
    if isinstance(error, aiohttp.ClientError | OSError):
        refused = isinstance(error, OSError) and error.errno == errno.ECONNREFUSED
        why = "connection refused: nothing listens at that address" if refused else "no connection to that address"
        return NoAnswer(reason=Reason.NO_CONNECTION, detail=why)
    log.error("request_failed_inside", error=type(error).__name__)
    return NoAnswer(reason=Reason.OUR_FAULT, detail=our_fault(error))


def our_fault(error: Exception) -> str:
    """That *error* is a fault of ours, without its text."""
    return f"filingbell failed on it ({type(error).__name__}); please report this"


async def _beginning(content: aiohttp.StreamReader, most: int) -> bytes:
    """The body's first bytes, as far as they come, *most* at most: one that is cut, or never ends, is as it is."""
    body = b""
    with suppress(Exception):  # the status is here, and that is what counts
        async with asyncio.timeout(_BODY_PATIENCE):
            while len(body) < most and (piece := await content.readany()):
                body += piece
    return body[:most]
