"""Channels, and new secrets for those that sign."""

from msgspec import Struct

from service.control.rotating import rotate
from service.model.person import Scope
from service.model.resource import ResourceKind
from service.web.api import resources
from service.web.endpoint import Answer, Call, Endpoint


class Rotated(Struct, frozen=True, kw_only=True):
    """A channel that signs with a new secret as well as with the one before."""

    id: str
    revision: int
    secret: str  # shown this once


async def _rotate(call: Call) -> Answer:
    context = call.context
    one, secret = await rotate(
        context.database,
        context.vault,
        call.asker.actor,
        call.path["channel"],
        context.clock.now(),
        expected=call.expected,
        egress=context.settings.egress,
    )
    return Answer(content=Rotated(id=one.id, revision=one.revision, secret=secret), revision=one.revision)


ENDPOINTS = (
    *resources.endpoints(ResourceKind.CHANNEL),
    Endpoint(
        method="POST",
        path="/channels/{channel}/rotate",
        name="rotate_channel",
        summary="Sign with a new secret, and with the one before until the next time",
        scope=Scope.WRITE,
        handler=_rotate,
        gives=Rotated,
        changes=True,
    ),
)
