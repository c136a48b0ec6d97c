"""The only code that talks to EDGAR."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Protocol

import aiohttp
from msgspec import Struct

from service.clock import Clock
from service.edgar.pace import Host, Pace, Urgency
from service.model.errors import Blocked, NotYet, Refused, Unreachable, UnusableDocument, UnusableReason
from service.model.filing import Accession, Cik, Links
from service.proxy import Way, directly
from service.unbroken import unbroken

PAGE = 100  # entries a feed page; the most EDGAR gives
_FEED_BYTES = 4 * 1024 * 1024  # a page of 100 entries has 80 KiB
_SUBMISSION_BYTES = 64 * 1024 * 1024  # exhibits included; all but a few stay under 100 KiB
_INDEX_BYTES = 192 * 1024 * 1024  # a quarter's has about 50 MiB, a day's 0.6
_JSON_BYTES = 32 * 1024 * 1024
_DENIAL_BYTES = 4096
_FILES = frozenset({"index", "document"})  # what the store behind the archive serves
_SKEW = timedelta(days=30)  # a date that differs by more says nothing about clocks
_BLOCK_MARGIN = 1.01  # nobody is in a hurry to ask one who has refused


class Body(Struct, frozen=True, kw_only=True):
    """What EDGAR answered, and when it was here whole."""

    data: bytes
    received: datetime
    sent: datetime | None = None  # EDGAR's own clock, whole seconds; None: it does not say
    validators: Mapping[str, str] = {}  # what to send so that an unchanged answer needs no body (RFC 9110, 13.1)


class Watcher(Protocol):
    """Who counts requests."""

    def asked(self, kind: str, outcome: str) -> None:
        """A request for a *kind* of thing came to *outcome*: an HTTP status, or how it failed."""
        ...


class _Again:
    """aiohttp asks once more by itself where a kept connection had been dropped: that waits for a turn of its own."""

    def __init__(self, turn: Callable[[], Awaitable[None]], permit: Callable[[], None]) -> None:
        self._turn = turn
        self._permit = permit
        self._asked = False

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Let *request* go."""
        if self._asked:
            await self._turn()
            self._permit()
        self._asked = True
        return await handler(request)


class EdgarClient:
    """Asks EDGAR politely: declared contact, paced, bounded, and silent while blocked.

    Every address is built here from *sites*, so that links in what EDGAR sends lead nowhere else. *refused* is told
    of every block, and of every longer one, before anybody else can go on; *permit* is asked right before each request
    and may raise.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        pace: Pace,
        sites: Mapping[Host, str],
        contact: str,
        clock: Clock,
        *,
        block_seconds: float,
        patience: float,
        refused: Callable[[Blocked], Awaitable[None]],
        permit: Callable[[], None],
        watcher: Watcher,
        way: Way = directly,
    ) -> None:
        self._session = session
        self._pace = pace
        self._sites = {host: site.rstrip("/") for host, site in sites.items()}
        self._headers = {"User-Agent": f"{contact} filingbell", "Accept-Encoding": "gzip, deflate"}
        self._clock = clock
        self._block_seconds = block_seconds * _BLOCK_MARGIN
        self._patience = patience
        self._refused = refused
        self._suspects: set[str] = set()  # paths that a block began at: each may be why, or any other request was
        self._permit = permit
        self._watcher = watcher
        self._way = way

    async def feed_page(self, form: str, start: int, validators: Mapping[str, str] | None = None) -> Body | None:
        """The page of the current-filings feed from entry *start* on, for forms whose name begins with *form*.

        None: it is still the page that *validators* came with (304). Raises Blocked or Unreachable.
        """
        query = f"action=getcurrent&type={form}&owner=include&count={PAGE}&start={start}&output=atom"
        try:
            return await self._get("feed", f"/cgi-bin/browse-edgar?{query}", _FEED_BYTES, validators=validators)
        except (NotYet, UnusableDocument) as error:
            raise Unreachable(f"the feed: {error}") from error

    async def submission(self, archive_cik: Cik, accession: Accession, lane: Urgency = Urgency.LIVE) -> Body:
        """The full submission; raises NotYet (404), Blocked, Unreachable, or UnusableDocument if it is too large."""
        path = _folder(archive_cik, accession) + f"/{accession}.txt"
        return await self._whole("document", path, _SUBMISSION_BYTES, lane)

    async def daily_index(self, day: date) -> Body:
        """The index of *day* by form type; raises NotYet (there is none), Blocked or Unreachable."""
        path = f"/Archives/edgar/daily-index/{day.year}/QTR{quarter_of(day)}/form.{day:%Y%m%d}.idx"
        return await self._file("index", path, _INDEX_BYTES)

    async def quarterly_index(self, year: int, quarter: int) -> Body:
        """The index of a whole quarter by form type; raises NotYet, Blocked or Unreachable."""
        path = f"/Archives/edgar/full-index/{year}/QTR{quarter}/form.idx"
        return await self._file("index", path, _INDEX_BYTES)

    async def tickers(self, validators: Mapping[str, str] | None = None) -> Body | None:
        """Which ticker is which company's; None: it is still the list that *validators* came with (304).

        Raises Blocked, NotYet or Unreachable.
        """
        path = "/files/company_tickers.json"
        try:
            return await self._get("company", path, _JSON_BYTES, lane=Urgency.BACKGROUND, validators=validators)
        except UnusableDocument as error:
            raise Unreachable(str(error)) from error

    async def company(self, name: str) -> Body:
        """A file of a company's filings, such as ``CIK0000320193.json``; raises NotYet, Blocked or Unreachable."""
        return await self._file("company", f"/submissions/{name}", _JSON_BYTES, Host.DATA)

    def links(self, archive_cik: Cik, accession: Accession) -> Links:
        """Where a person reads the filing."""
        folder = self._sites[Host.WWW] + _folder(archive_cik, accession)
        return Links(index=f"{folder}/{accession}-index.htm", submission=f"{folder}/{accession}.txt")

    async def unblocked(self, block: Blocked) -> None:
        """Returns when the host that raised *block* may be asked again."""
        await self._pace.unblocked(Host(block.host))

    def left(self, block: Blocked) -> float:
        """Seconds until then, whatever the wall clock says."""
        return self._pace.left(Host(block.host))

    async def _file(self, kind: str, path: str, limit: int, host: Host = Host.WWW) -> Body:
        try:
            return await self._whole(kind, path, limit, Urgency.BACKGROUND, host)
        except UnusableDocument as error:
            raise Unreachable(str(error)) from error

    async def _whole(self, kind: str, path: str, limit: int, lane: Urgency, host: Host = Host.WWW) -> Body:
        body = await self._get(kind, path, limit, lane=lane, host=host)
        assert body is not None  # only what is asked conditionally can be unchanged
        return body

    async def _get(
        self,
        kind: str,
        path: str,
        limit: int,
        *,
        lane: Urgency = Urgency.LIVE,
        host: Host = Host.WWW,
        validators: Mapping[str, str] | None = None,
    ) -> Body | None:
        if host not in self._sites:
            raise Unreachable(f"{host} is not to be asked at this rate: set FILINGBELL_SEC_DATA_URL, or lower the rate")
        await self._pace.turn(host, lane)
        self._permit()
        again = _Again(partial(self._pace.turn, host, lane), self._permit)
        outcome = "cancelled"
        try:
            async with self._session.get(
                self._sites[host] + path,
                proxy=self._way(self._sites[host]),
                headers={**self._headers, **(validators or {})},
                timeout=self._timeout(kind),
                allow_redirects=False,
                middlewares=(again,),
            ) as response:
                outcome = str(response.status)
                if response.status in (403, 429) and not await _is_absence(kind, response):
                    raise await self._blocked(host, path, response.status)
                if response.status in (403, 404):
                    raise NotYet(f"{path} is not there ({response.status})")
                if response.status == 304 and validators:
                    return None
                if response.status != 200:
                    raise Unreachable(f"EDGAR answered {response.status} to {path}")
                data = await _bounded(response, limit)
                now = self._clock.now()
                return Body(data=data, received=now, sent=_sent(response, now), validators=_validators(response))
        except TimeoutError as error:
            outcome = "timeout"
            await self._record(self._pace.prolong(host, self._block_seconds))
            raise Unreachable(f"no answer in time to {path}") from error
        except (aiohttp.ClientError, OSError) as error:
            outcome = "broken"
            await self._record(self._pace.prolong(host, self._block_seconds))
            raise Unreachable(_broken(path, error)) from error
        finally:
            self._watcher.asked(kind, outcome)

    async def _blocked(self, host: Host, path: str, status: int) -> Blocked:
        """The block that *host* answers with; it is blamed on *path* where an earlier one began there as well."""
        first = self._pace.left(host) == 0.0  # the others were under way, and refused on its account
        block = self._pace.block(host, f"EDGAR answered {status} to {path}", self._block_seconds)
        await self._record(block)
        blame = Refused if first and path in self._suspects else Blocked
        if first:
            self._suspects.add(path)
        return blame(str(block), block.until, host)

    def _timeout(self, kind: str) -> aiohttp.ClientTimeout:
        """Bytes must keep coming; and an answer has an end, that of a quarter's index a late one."""
        whole = (60 if kind == "index" else 6) * self._patience
        return aiohttp.ClientTimeout(total=whole, connect=self._patience, sock_read=self._patience)

    async def _record(self, block: Blocked | None) -> None:
        """Tell of *block*, whoever cancels us meanwhile: the next process must know of it."""
        if block is not None:
            await unbroken(self._refused(block))


def _broken(path: str, error: Exception) -> str:
    match error:
        case aiohttp.ClientHttpProxyError():
            return f"the proxy (FILINGBELL_PROXY) refuses to connect: {error.status} {error.message}"
        case aiohttp.ClientProxyConnectionError():
            return "the proxy (FILINGBELL_PROXY) cannot be reached"
    return f"{path}: {type(error).__name__}: {error}"


def quarter_of(day: date) -> int:
    """The quarter that *day* is in, from 1."""
    return (day.month + 2) // 3


def _folder(archive_cik: Cik, accession: Accession) -> str:
    return f"/Archives/edgar/data/{int(archive_cik)}/{accession.replace('-', '')}"


async def _is_absence(kind: str, response: aiohttp.ClientResponse) -> bool:
    """Whether a 403 says that a file is not there: the store behind the archive has a page of its own for that.

    EDGAR's refusals are HTML; this one is XML with a code.
    """
    if kind not in _FILES or response.status != 403:
        return False
    page = bytearray()
    try:
        async for chunk in response.content.iter_chunked(_DENIAL_BYTES):
            page += chunk
            if len(page) > _DENIAL_BYTES:
                break
    except (TimeoutError, aiohttp.ClientError, OSError):  # what breaks off is a refusal until it says otherwise
        return False
    return b"<Code>AccessDenied</Code>" in page


def _validators(response: aiohttp.ClientResponse) -> dict[str, str]:
    asked = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    return {asked[name]: response.headers[name] for name in asked if name in response.headers}


def _sent(response: aiohttp.ClientResponse, received: datetime) -> datetime | None:
    try:
        at = parsedate_to_datetime(response.headers.get("Date", ""))
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return at if abs(at - received) < _SKEW else None


async def _bounded(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body, unpacked; raises UnusableDocument as soon as it is over *limit*."""
    chunks = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        chunks += chunk
        if len(chunks) > limit:
            raise UnusableDocument(UnusableReason.TOO_LARGE, f"{response.url.path} has more than {limit:,} bytes")
    return bytes(chunks)
