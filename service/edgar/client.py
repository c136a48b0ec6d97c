"""The only code that talks to EDGAR."""

from collections.abc import Callable
from datetime import datetime, timedelta

import aiohttp
from msgspec import Struct

from service.edgar.pace import Pace
from service.model.errors import NotYet, Reason, Unreachable, UnusableDocument
from service.model.filing import Accession, Cik, Links

PAGE = 100  # entries a feed page; the most EDGAR gives
_FEED_BYTES = 4 * 1024 * 1024  # a page of 100 entries has 80 KiB
_SUBMISSION_BYTES = 64 * 1024 * 1024  # exhibits included; all but a few stay under 100 KiB
_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10, sock_read=10)


class Body(Struct, frozen=True, kw_only=True):
    """What EDGAR answered, and when it was here whole."""

    data: bytes
    received: datetime


class EdgarClient:
    """Asks EDGAR politely: declared contact, paced, bounded, and silent while blocked.

    Every address is built here from ``base``, so that links in what EDGAR sends lead nowhere else.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        pace: Pace,
        base: str,
        contact: str,
        clock: Callable[[], datetime],
        block_window: timedelta,
    ) -> None:
        self._session = session
        self._pace = pace
        self._base = base.rstrip("/")
        self._headers = {"User-Agent": f"{contact} insiderwire", "Accept-Encoding": "gzip, deflate"}
        self._clock = clock
        self._block_window = block_window

    async def feed_page(self, form: str, start: int) -> Body:
        """The page of the current-filings feed from entry *start* on, for forms whose name begins with *form*.

        Raises Blocked or Unreachable.
        """
        query = f"action=getcurrent&type={form}&owner=include&count={PAGE}&start={start}&output=atom"
        try:
            return await self._get(f"/cgi-bin/browse-edgar?{query}", _FEED_BYTES)
        except (NotYet, UnusableDocument) as error:
            raise Unreachable(f"the feed: {error}") from error

    async def submission(self, archive_cik: Cik, accession: Accession) -> Body:
        """The full submission; raises NotYet (404), Blocked, Unreachable, or UnusableDocument if it is too large."""
        return await self._get(_folder(archive_cik, accession) + f"/{accession}.txt", _SUBMISSION_BYTES)

    def links(self, archive_cik: Cik, accession: Accession) -> Links:
        """Where a person reads the filing."""
        folder = self._base + _folder(archive_cik, accession)
        return Links(index=f"{folder}/{accession}-index.htm", submission=f"{folder}/{accession}.txt")

    async def _get(self, path: str, limit: int) -> Body:
        await self._pace.turn()
        try:
            async with self._session.get(
                self._base + path, headers=self._headers, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                if response.status in (403, 429):
                    until = self._clock() + self._block_window
                    raise self._pace.block(f"EDGAR answered {response.status} to {path}", until)
                if response.status == 404:
                    raise NotYet(f"{path} is not there (404)")
                if response.status != 200:
                    raise Unreachable(f"EDGAR answered {response.status} to {path}")
                return Body(data=await _bounded(response, limit), received=self._clock())
        except TimeoutError as error:
            raise Unreachable(f"no answer in time to {path}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{path}: {type(error).__name__}: {error}") from error


def _folder(archive_cik: Cik, accession: Accession) -> str:
    return f"/Archives/edgar/data/{int(archive_cik)}/{accession.replace('-', '')}"


async def _bounded(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body, unpacked; raises UnusableDocument as soon as it is over *limit*."""
    chunks = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        chunks += chunk
        if len(chunks) > limit:
            raise UnusableDocument(Reason.TOO_LARGE, f"{response.url.path} has more than {limit:,} bytes")
    return bytes(chunks)
