"""The one way out: a bounded POST whose outcome says what to do next."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from service.store.deliveries import State

_TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
_DETAIL = 300  # bytes of the answer that are kept
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A POST to be made. Its address and headers can hold secrets, so they show nowhere."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a request."""

    state: State  # DELIVERED; PENDING: try again; DEAD: for good
    status: int | None  # None: no answer
    detail: str
    retry_after: timedelta | None = None


class Guard:
    """Posts with bounded time and memory, never follows redirects, and tells outages from refusals."""

    def __init__(self, session: aiohttp.ClientSession, clock: Callable[[], datetime]) -> None:
        self._session = session
        self._clock = clock

    async def post(self, request: Request) -> Outcome:
        """Make *request*; whatever happens is an outcome, not an error."""
        try:
            async with self._session.post(
                request.url,
                headers=request.headers,
                data=request.body,
                timeout=_TIMEOUT,
                allow_redirects=False,
            ) as response:
                answer = (await response.content.read(_DETAIL)).decode("utf-8", "replace").replace("\0", "").strip()
                return self._outcome(response, answer)
        except TimeoutError:
            return Outcome(state=State.PENDING, status=None, detail="no answer in time")
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            # Its text may repeat the address, and a Slack address is a secret: the kind of error must do.
            return Outcome(state=State.PENDING, status=None, detail=f"no connection ({type(error).__name__})")

    def _outcome(self, response: aiohttp.ClientResponse, answer: str) -> Outcome:
        status = response.status
        detail = f"{status} {response.reason or ''}{': ' if answer else ''}{answer}"
        if 200 <= status < 300:
            return Outcome(state=State.DELIVERED, status=status, detail=f"{status} {response.reason or ''}".strip())
        if status in _TRANSIENT:
            after = self._retry_after(response.headers.get("Retry-After"))
            return Outcome(state=State.PENDING, status=status, detail=detail, retry_after=after)
        if 300 <= status < 400:
            detail = f"{status}: redirects are not followed; configure the address it leads to"
        return Outcome(state=State.DEAD, status=status, detail=detail)

    def _retry_after(self, value: str | None) -> timedelta | None:
        """Seconds or an HTTP date (RFC 9110, 10.2.3)."""
        if value is None:
            return None
        if value.strip().isascii() and value.strip().isdecimal():
            return timedelta(seconds=min(int(value), 10**6))
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return None
        return max((at if at.tzinfo else at.replace(tzinfo=UTC)) - self._clock(), timedelta(0))
