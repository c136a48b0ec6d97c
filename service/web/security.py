"""What guards every request and every answer, but for health and metrics, which are for machines next to this one."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import hdrs, web

from service.web.context import Context
from service.web.problems import Refusal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refuse = Callable[[web.Request, Exception], Awaitable[web.StreamResponse]]

LARGEST = 8 * 1024 * 1024  # bytes that a request may have
SAFE = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
_NO_TEXT = "\0"  # PostgreSQL has no text with it
_MONITORED = ("/health/", "/metrics")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "same-origin",  # with none at all, older browsers name no origin of a form
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_NOT_KEPT = {"Cache-Control": "no-store"}  # what is told is one person's
_BY_TLS = {"Strict-Transport-Security": "max-age=31536000"}


def guard(app: web.Application, context: Context, refuse: Refuse) -> None:
    """Let *app* answer only who asks it by a name of its own, and tell browsers to allow nothing from elsewhere.

    What comes to an error is answered by *refuse*.
    """

    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        if _is_monitored(request):
            return await handler(request)
        try:
            _check_name(request, context)
            _check_text(request)
            _check_plain(request)
            return await handler(request)
        except Exception as error:
            return await refuse(request, error)  # every request is answered

    async def headed(request: web.Request, response: web.StreamResponse) -> None:
        if not _is_monitored(request):
            for name, value in {**_HEADERS, **_NOT_KEPT, **(_BY_TLS if context.secure else {})}.items():
                response.headers.setdefault(name, value)

    app.middlewares.append(checked)
    app.on_response_prepare.append(headed)


def _check_name(request: web.Request, context: Context) -> None:
    if _name_of(request.host) not in context.hosts:
        detail = "this service is not known by that name: FILINGBELL_HTTP_TRUSTED says by which it is"
        raise Refusal(HTTPStatus.MISDIRECTED_REQUEST, "host", detail)


def _check_text(request: web.Request) -> None:
    if _NO_TEXT in request.path or _NO_TEXT in request.query_string:
        raise Refusal(HTTPStatus.BAD_REQUEST, "address", "this address has a character that nothing here is called by")


def _check_plain(request: web.Request) -> None:
    """Raises Refusal (415) for what is packed: a thousandth of it can keep the process busy for seconds."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content-encoding", "send it as it is, without packing it")


def is_from_here(request: web.Request) -> bool:
    """Whether a page of this service made the browser send *request*: what a browser says of that, no page can change.

    A program says nothing of it; one has no cookie that somebody else put there.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get(hdrs.ORIGIN)
    return origin is None or origin.partition("://")[2].lower() == request.host.lower()


def address(request: web.Request, context: Context) -> str:
    """Where *request* comes from: behind a proxy, what that has seen, which it adds last."""
    told = request.headers.getall("X-Forwarded-For", []) if context.secure else []
    return told[-1].rpartition(",")[2].strip() if told else request.remote or ""


def _is_monitored(request: web.Request) -> bool:
    return request.path.startswith(_MONITORED)


def _name_of(host: str) -> str:
    """The name in a Host header, without the port."""
    name = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    return name.lower().rstrip(".")
