"""Style sheets, scripts and pictures: the files of ``static/``, and no others, each at an address with its digest."""

import gzip
import hashlib
import mimetypes
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from aiohttp import hdrs, web

_FOLDER = Path(__file__).parent / "static"
_TYPES = (".css", ".js", ".svg", ".png", ".woff2")
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


class _File:
    """One of them, read when somebody first asks for it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        kind = mimetypes.types_map.get(path.suffix, "application/octet-stream")
        self.content_type = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind

    @cached_property
    def plain(self) -> bytes:
        return self._path.read_bytes()

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.plain, 9, mtime=0)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.plain).hexdigest()[:16]


class Static:
    """What pages load; browsers keep it until it changes."""

    def __init__(self) -> None:
        found = (path for path in sorted(_FOLDER.rglob("*")) if path.suffix in _TYPES and path.is_file())
        self._files = {path.relative_to(_FOLDER).as_posix(): _File(path) for path in found}

    def url(self, name: str) -> str:
        """Where the file *name* is; raises KeyError where there is none."""
        return f"/static/{quote(name)}?v={self._files[name].digest}"

    def add_to(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get("/static/{name:.+}", self._serve)

    async def _serve(self, request: web.Request) -> web.Response:
        found = self._files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        is_this = request.query.get("v") == found.digest
        headers = {
            hdrs.CONTENT_TYPE: found.content_type,
            hdrs.CACHE_CONTROL: _FOR_EVER if is_this else _ASK_AGAIN,
            hdrs.ETAG: f'"{found.digest}"',
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
        }
        if request.headers.get(hdrs.IF_NONE_MATCH) == headers[hdrs.ETAG]:
            return web.Response(status=304, headers=headers)
        if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            return web.Response(body=found.packed, headers=headers | {hdrs.CONTENT_ENCODING: "gzip"})
        return web.Response(body=found.plain, headers=headers)
