"""How long filings take from EDGAR to the alert."""

from typing import Annotated

from msgspec import Meta, Struct

from service.control.latency import STATIONS, Took
from service.model.person import Scope
from service.web.endpoint import Answer, Call, Endpoint


class LatencyAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of how many filings the figures are."""

    last: Annotated[int, Meta(ge=1, le=5000)] = 1000  # live filings


class Station(Struct, frozen=True, kw_only=True):
    """A stretch of the way."""

    name: str
    stretch: str  # in words
    seconds: Took


class Latency(Struct, frozen=True, kw_only=True):
    """The stretches of the last live filings' way, in its order; empty: none has come through yet."""

    items: tuple[Station, ...]


async def _list(call: Call) -> Answer:
    asked: LatencyAsked = call.query
    found = await call.context.looks.latency(asked.last)
    return Answer(
        content=Latency(
            items=tuple(Station(name=name, stretch=STATIONS[name], seconds=took) for name, took in found.items())
        )
    )


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/latency",
        name="show_latency",
        summary="Show how long filings took from EDGAR to the alert, station by station",
        scope=Scope.READ,
        handler=_list,
        asks=LatencyAsked,
        gives=Latency,
    ),
)
