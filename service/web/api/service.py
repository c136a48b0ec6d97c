"""How the service fares: what runs, how far it has read, and what it asks of the SEC."""

from datetime import datetime

from msgspec import Struct

from service.control.overview import Overview
from service.model.person import Scope
from service.store.processes import Process
from service.web.endpoint import Answer, Call, Endpoint


class ProcessShown(Struct, frozen=True, kw_only=True):
    """A process that runs."""

    host: str
    pid: int
    roles: tuple[str, ...]
    version: str
    started: datetime
    configuration: str | None  # the file that it has loaded; null: it needs none
    fault: str | None  # why it did not load the file again when it was told to; null: it did


class Processes(Struct, frozen=True, kw_only=True):
    """Those that run, the oldest first."""

    items: tuple[ProcessShown, ...]


async def _processes(call: Call) -> Answer:
    found = await call.context.looks.processes()
    return Answer(content=Processes(items=tuple(map(_shown, found))))


def _shown(process: Process) -> ProcessShown:
    loaded = process.configuration
    return ProcessShown(
        host=process.host,
        pid=process.pid,
        roles=process.roles,
        version=process.version,
        started=process.started,
        configuration=loaded.path if loaded else None,
        fault=loaded.fault if loaded else None,
    )


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
    Endpoint(
        method="GET",
        path="/service/processes",
        name="list_processes",
        summary="List the processes that run, and where",
        scope=Scope.INSTANCE,
        handler=_processes,
        gives=Processes,
    ),
)
