"""Rules, and those that are not made yet: what they would ask for, and how a filing would fare."""

from typing import Annotated

from msgspec import Meta, Struct

from service.control import preview
from service.control.recent import Recent, recent
from service.model.alert import Explanation
from service.model.errors import Fault, Faulty
from service.model.filing import Accession, accession_of
from service.model.person import Scope
from service.model.resource import ResourceKind
from service.web.api import resources
from service.web.api.resources import Named, Settings
from service.web.endpoint import Answer, Call, Endpoint


class Draft(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that is not made yet."""

    settings: Settings  # as in a configuration file
    name: Named = "draft"


class DraftOnFiling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that is not made yet, and a filing that is here."""

    settings: Settings  # as in a configuration file
    filing: Annotated[str, Meta(max_length=300)]  # an accession number, or EDGAR's link to the filing
    name: Named = "draft"


class DraftOnRecent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that is not made yet, and how many filings to hold against it."""

    settings: Settings  # as in a configuration file
    count: Annotated[int, Meta(ge=1, le=1000)] = 200  # of the latest filings
    name: Named = "draft"


class Read(Struct, frozen=True, kw_only=True):
    """What a rule asks for, as it was read."""

    asks: tuple[str, ...]  # in words; empty: it asks for all


def filing(text: str, *path: str) -> Accession:
    """The accession number in *text*; raises Faulty, which says that it stands at *path*."""
    try:
        return accession_of(text)
    except ValueError as error:
        raise Faulty("no filing is named:", (Fault(path, str(error)),)) from None


async def _validate(call: Call) -> Answer:
    context, draft = call.context, call.body
    asks = await preview.read_as(
        context.database, context.vault, call.asker.workspace, draft.name, draft.settings, context.clock.now()
    )
    return Answer(content=Read(asks=asks))


async def _preview(call: Call) -> Answer:
    context, draft = call.context, call.body
    found = await preview.preview(
        context.database,
        context.vault,
        call.asker.workspace,
        draft.name,
        draft.settings,
        filing(draft.filing, "filing"),
        context.clock.now(),
    )
    return Answer(content=found)


async def _recent(call: Call) -> Answer:
    context, draft = call.context, call.body
    found = await recent(
        context.database,
        context.vault,
        call.asker.workspace,
        draft.name,
        draft.settings,
        context.clock,
        count=draft.count,
    )
    return Answer(content=found)


ENDPOINTS = (
    *resources.endpoints(ResourceKind.RULE),
    Endpoint(
        method="POST",
        path="/drafts/validate",
        name="validate_rule",
        summary="Read a rule without making it: every fault, or what it asks for in words",
        scope=Scope.READ,
        handler=_validate,
        takes=Draft,
        gives=Read,
    ),
    Endpoint(
        method="POST",
        path="/drafts/preview",
        name="preview_rule",
        summary="Hold a filing against a rule without making it, and say why it would ring or not",
        scope=Scope.READ,
        handler=_preview,
        takes=DraftOnFiling,
        gives=Explanation,
    ),
    Endpoint(
        method="POST",
        path="/drafts/recent",
        name="preview_rule_on_recent",
        summary="Hold the latest filings against a rule without making it: which would have rung, and which nearly",
        scope=Scope.READ,
        handler=_recent,
        takes=DraftOnRecent,
        gives=Recent,
    ),
)
