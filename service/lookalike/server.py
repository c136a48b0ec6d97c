"""The look-alike over HTTP: feed, archive, fair access and faults."""

import zlib
from collections import Counter, deque

from aiohttp import web

from service.clock import Clock, SystemClock
from service.lookalike.archive import Archive
from service.lookalike.faults import Fault, Faults
from service.lookalike.loopback import Loopback

_HTML = "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
_PAGES = {Fault.UNAVAILABLE: 503, Fault.MALFORMED: 200}
_BLOCKS = {Fault.BLOCKED: 403, Fault.THROTTLED: 429}
_FOR_EVER = 3600.0  # seconds
_DEEPEST = 5000  # behind this EDGAR answers 503


class LookAlike(Loopback):
    """Serves *archive* on a free port of the loopback address, as EDGAR would.

    Clients without a declared contact get 403. More than *limit* requests in any second block everyone for
    *block_seconds*, and requests while blocked prolong it, as the SEC says. ``requests`` counts what came; ``asked``
    the same by kind; ``violations`` what came too fast or while blocked, but for what was on its way when the block
    fell (*grace*); ``busiest`` the most that came in any second. Seconds are those of *clock*. An index that is not
    there answers *absent*: 404, or 403.
    """

    def __init__(
        self,
        archive: Archive,
        faults: Faults | None = None,
        limit: int | None = None,
        block_seconds: float = 600.0,
        slow_seconds: float = 2.0,
        deepest: int = _DEEPEST,
        grace: float = 0.0,
        absent: int = 404,
        clock: Clock | None = None,
    ) -> None:
        self._archive = archive
        self._faults = faults or Faults()
        self._limit = limit
        self._block_seconds = block_seconds
        self._slow_seconds = slow_seconds
        self._deepest = deepest
        self._recent: deque[float] = deque()
        self._grace = grace
        self._absent = absent
        self._clock = clock or SystemClock()
        self._blocked_since = self._blocked_until = float("-inf")
        self.requests = 0
        self.asked: Counter[str] = Counter()
        self.busiest = 0
        self.violations = 0
        app = web.Application()
        app.router.add_get("/cgi-bin/browse-edgar", self._feed)
        app.router.add_get("/Archives/edgar/data/{cik}/{folder}/{name}", self._archived)
        for tree in ("/Archives/edgar/daily-index/", "/Archives/edgar/full-index/", "/files/", "/submissions/"):
            app.router.add_get(tree + "{path:.*}", self._file)
        super().__init__(app)

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        start, count = _whole(query.get("start"), 0), min(_whole(query.get("count"), 40), 100)
        self.asked["newest page" if start == 0 else "deeper page"] += 1
        page = self._archive.feed(query.get("type", ""), start, count) if start <= self._deepest else None
        return await self._answer(request, page, "application/atom+xml", missing=503)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        self.asked["file"] += 1
        return await self._answer(request, self._archive.file(request.path), "text/plain", missing=self._absent)

    async def _archived(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        accession = name.removesuffix(".txt").removesuffix("-index.htm")
        body = self._archive.submission(accession)
        if body is not None and name.endswith("-index.htm"):
            link = f'<a href="{accession}.txt">{accession}.txt</a>'
            return _page(200, f"Filing {accession}", f"<p>{link}</p>")
        self.asked["document"] += 1
        return await self._answer(request, body, "text/plain", missing=404)

    async def _answer(self, request: web.Request, body: bytes | None, kind: str, missing: int) -> web.StreamResponse:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        fault = self._faults.draw(request.path)
        if fault is Fault.TORN and body:
            return await _torn(request, body)
        if fault in _PAGES:
            return _page(_PAGES[fault], "SEC.gov is not itself", "")
        if fault in _BLOCKS:
            return self._block(_BLOCKS[fault])
        if fault in (Fault.SLOW, Fault.HUNG):
            await self._clock.sleep(self._slow_seconds if fault is Fault.SLOW else _FOR_EVER)
        if body is None:
            return _missing(missing)
        return _found(request, body, kind, cut_off=fault is Fault.TRUNCATED)

    def _refusal(self, request: web.Request) -> web.Response | None:
        """The 403 that fair access calls for; None: it is all right."""
        self.requests += 1
        now = self._clock.monotonic()
        if now < self._blocked_until:
            self.violations += now - self._blocked_since > self._grace
            return self._block(403)
        if "@" not in request.headers.get("User-Agent", ""):
            return _page(403, "Undeclared Automated Tool", "<p>Declare your contact in the User-Agent.</p>")
        while self._recent and now - self._recent[0] >= 1.0:
            self._recent.popleft()
        self._recent.append(now)
        self.busiest = max(self.busiest, len(self._recent))
        if self._limit is not None and len(self._recent) > self._limit:
            self.violations += 1
            return self._block(403)
        return None

    def _block(self, status: int) -> web.Response:
        now = self._clock.monotonic()
        if now >= self._blocked_until:
            self._blocked_since = now
        self._blocked_until = now + self._block_seconds
        return _page(status, "Request Rate Threshold Exceeded", "<p>Access is limited for 10 minutes.</p>")


def _found(request: web.Request, body: bytes, kind: str, *, cut_off: bool) -> web.Response:
    tag = _tag(body)
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers={"ETag": tag})
    response = web.Response(body=body[: len(body) // 2] if cut_off else body, content_type=kind, headers={"ETag": tag})
    response.enable_compression()
    return response


def _tag(body: bytes) -> str:
    """What changes when the entries do: the page's own time does not count."""
    return f'"{zlib.crc32(body[max(0, body.find(b"<entry>")) :]):08x}-{len(body)}"'


def _missing(status: int) -> web.Response:
    if status == 403:  # as the store behind the archive says it
        text = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        return web.Response(status=status, text=text, content_type="application/xml")
    return _page(status, "Not Found" if status == 404 else "Service Unavailable", "")


def _page(status: int, title: str, body: str) -> web.Response:
    return web.Response(status=status, text=_HTML.format(title=title, body=body), content_type="text/html")


async def _torn(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default
