"""The application, from what it stands on; tests and the service make it alike."""

from functools import cache

import msgspec
from aiohttp import web

from service.web import auth, openapi, security, serving
from service.web.api import ENDPOINTS
from service.web.api.streams import STREAMS
from service.web.context import Context
from service.web.endpoint import BASE
from service.web.pages import LIVES, PAGES, moving, showing
from service.web.pages.templates import Templates
from service.web.problems import refused
from service.web.rates import Rates
from service.web.static import Static
from service.web.streaming import Streaming

_BURST, _WINDOW = 600, 60.0  # requests of one token or person, and the seconds within which they come back
_STRANGERS = 60  # likewise, of an address that shows no valid token


def application(context: Context) -> web.Application:
    """What serves people and programs on *context*."""
    app = web.Application(client_max_size=security.LARGEST)
    static = Static()
    templates = Templates(PAGES, static)

    async def refuse(request: web.Request, error: Exception) -> web.Response:
        if showing.is_asked_for(request):
            return await showing.refused(error, request, context, templates)
        return refused(error)

    auth.renewing(app, context)  # around what refuses
    security.guard(app, context, refuse)
    rates = Rates("api", _BURST, _WINDOW, context.clock)
    strangers = Rates("strangers", _STRANGERS, _WINDOW, context.clock)
    onlookers = Rates("onlookers", _STRANGERS, _WINDOW, context.clock)  # apart, so that looking costs nobody a sign-in
    streaming = Streaming(context, rates, strangers)
    app.on_shutdown.append(streaming.close)
    for stream in STREAMS:  # before endpoints: no alert and no filing is called `stream`
        app.router.add_get(f"{BASE}{stream.path}", streaming.handler(stream), allow_head=False)
    for endpoint in ENDPOINTS:
        handler = serving.handler(endpoint, context, rates, strangers)
        app.router.add_route(endpoint.method, f"{BASE}{endpoint.path}", handler)
    app.router.add_route("GET", f"{BASE}/openapi.json", _document)
    for page in PAGES:
        unknown = onlookers if page.scope is None and page.method == "GET" else strangers
        shown = showing.handler(page, context, templates, rates, unknown)
        add = app.router.add_get if page.method == "GET" else app.router.add_post
        add(page.path, shown, name=page.name)
    for live in LIVES:
        app.router.add_get(live.path, moving.handler(live, context, templates, streaming), allow_head=False)
    static.add_to(app)
    return app


async def _document(_request: web.Request) -> web.Response:
    return web.Response(body=_encoded(), headers={"Content-Type": "application/json"})


@cache
def _encoded() -> bytes:
    return msgspec.json.encode(openapi.document(ENDPOINTS, STREAMS))
