"""Who asks, as the service sees them: the first thing to try with a new token."""

from msgspec import Struct

from service.model.person import Scope
from service.web.endpoint import Answer, Call, Endpoint


class Me(Struct, frozen=True, kw_only=True):
    """Who asks, and what they may."""

    id: str
    name: str
    workspace: str  # the id of the workspace that everything asked for is in
    scopes: tuple[Scope, ...]


async def _show(call: Call) -> Answer:
    who = call.asker
    scopes = tuple(one for one in Scope if one in who.scopes)
    return Answer(content=Me(id=who.id, name=who.name, workspace=who.workspace, scopes=scopes))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/me",
        name="show_me",
        summary="Show who asks, and what they may",
        scope=Scope.READ,
        handler=_show,
        gives=Me,
    ),
)
