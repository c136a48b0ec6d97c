"""What a filing says, and where it stands in the log."""

from msgspec import Struct

from service.control import documents
from service.model.parsed import ParsedFiling
from service.model.person import Scope
from service.store.events import Place
from service.web.api.rules import filing
from service.web.endpoint import Answer, Call, Endpoint


class Events(Struct, frozen=True, kw_only=True):
    """The events on a filing, in the log's order."""

    items: tuple[Place, ...]


async def _document(call: Call) -> Answer:
    accession = filing(call.path["filing"], "filing")
    return Answer(content=await documents.document(call.context.database, accession))


async def _events(call: Call) -> Answer:
    accession = filing(call.path["filing"], "filing")
    found = await documents.records(call.context.database, call.asker.workspace, accession)
    return Answer(content=Events(items=tuple(found)))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/filings/{filing}/document",
        name="show_document",
        summary="Show what a filing says: the whole form, as on form4.parsed",
        scope=Scope.READ,
        handler=_document,
        gives=ParsedFiling,
    ),
    Endpoint(
        method="GET",
        path="/filings/{filing}/events",
        name="list_events",
        summary="List the events on a filing that the log knows, with their places in it",
        scope=Scope.READ,
        handler=_events,
        gives=Events,
    ),
)
