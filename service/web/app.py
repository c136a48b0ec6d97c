"""The application, from what it stands on; tests and the service make it alike."""

from functools import cache

import msgspec
from aiohttp import web

from service.web import openapi, security, serving
from service.web.api import ENDPOINTS
from service.web.context import Context
from service.web.endpoint import BASE
from service.web.rates import Rates

_BURST, _WINDOW = 600, 60.0  # requests of one token or person, and the seconds within which they come back
_STRANGERS = 60  # likewise, of an address that shows no valid token


def application(context: Context) -> web.Application:
    """What serves people and programs on *context*."""
    app = web.Application(client_max_size=security.LARGEST)
    security.guard(app, context)
    rates = Rates("api", _BURST, _WINDOW, context.clock)
    strangers = Rates("strangers", _STRANGERS, _WINDOW, context.clock)
    for endpoint in ENDPOINTS:
        handler = serving.handler(endpoint, context, rates, strangers)
        app.router.add_route(endpoint.method, f"{BASE}{endpoint.path}", handler)
    app.router.add_route("GET", f"{BASE}/openapi.json", _document)
    return app


async def _document(_request: web.Request) -> web.Response:
    return web.Response(body=_encoded(), headers={"Content-Type": "application/json"})


@cache
def _encoded() -> bytes:
    return msgspec.json.encode(openapi.document(ENDPOINTS))
