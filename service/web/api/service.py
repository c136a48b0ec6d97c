"""How the service fares: what runs, how far it has read, and what it asks of the SEC."""

from service.control.overview import Overview
from service.model.person import Scope
from service.web.endpoint import Answer, Call, Endpoint


async def _show(call: Call) -> Answer:
    return Answer(content=await call.context.looks.overview())


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/service",
        name="show_service",
        summary="Show which roles run, how far the SEC's feed is read, and what was asked of the SEC today",
        scope=Scope.READ,
        handler=_show,
        gives=Overview,
    ),
)
