"""Channels: whether they take what they are sent, and new secrets for those that sign."""

from msgspec import Struct

from consumers.dispatcher.channels.webhook import Signature
from service.control import sampling
from service.control.rotating import rotate
from service.model.alert import Alert
from service.model.delivery import DeliveryState, Reason
from service.model.person import Scope
from service.model.resource import ResourceKind
from service.store.attempts import Attempt
from service.web.api import resources
from service.web.endpoint import Answer, Call, Endpoint


class Tested(Struct, frozen=True, kw_only=True):
    """What came of a sample."""

    taken: bool
    reason: Reason
    detail: str  # the answer
    seconds: float
    message: str  # the sample's id: its delivery is recorded like any other


class Rotated(Struct, frozen=True, kw_only=True):
    """A channel that signs with a new secret as well as with the one before."""

    id: str
    revision: int
    secret: str  # what the receiver checks with: a secret, shown this once, or the public key (whpk_...)


class Rotation(Struct, frozen=True, kw_only=True):
    """What a channel is to sign with."""

    signature: Signature | None = None  # v1: a shared secret; v1a: a key pair; none: as before


async def _test(call: Call) -> Answer:
    context = call.context
    alert, attempt = await sampling.send_to(
        context.database, context.vault, context.settings, call.asker.workspace, call.path["channel"], context.clock
    )
    return Answer(content=tested(alert, attempt))


def tested(alert: Alert, attempt: Attempt) -> Tested:
    """What came of the sample *alert*."""
    return Tested(
        taken=attempt.state is DeliveryState.DELIVERED,
        reason=Reason(attempt.reason or Reason.RECEIVED),
        detail=attempt.detail,
        seconds=attempt.seconds,
        message=alert.id,
    )


async def _rotate(call: Call) -> Answer:
    context = call.context
    one, secret = await rotate(
        context.database,
        context.vault,
        call.asker.actor,
        call.path["channel"],
        context.clock.now(),
        signature=call.query.signature,
        expected=call.expected,
        egress=context.settings.egress,
    )
    return Answer(content=Rotated(id=one.id, revision=one.revision, secret=secret), revision=one.revision)


ENDPOINTS = (
    *resources.endpoints(ResourceKind.CHANNEL),
    Endpoint(
        method="POST",
        path="/channels/{channel}/test",
        name="test_channel",
        summary="Send a sample, marked as such, and say what came of it",
        scope=Scope.WRITE,
        handler=_test,
        gives=Tested,
    ),
    Endpoint(
        method="POST",
        path="/channels/{channel}/rotate",
        name="rotate_channel",
        summary="Sign with a new secret or key pair, and with the one before until the next time",
        scope=Scope.WRITE,
        handler=_rotate,
        asks=Rotation,
        gives=Rotated,
        changes=True,
    ),
)
