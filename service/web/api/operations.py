"""Who is told of the service itself: the channels for operations."""

from typing import Annotated

from msgspec import Meta, Struct

from service.control import operations, sampling
from service.control.operations import Operations
from service.model.person import Scope
from service.web.api.channels import Tested, tested
from service.web.api.resources import Named
from service.web.endpoint import Answer, Call, Endpoint

_MOST = 100  # channels


class OperationsChannel(Struct, frozen=True, kw_only=True):
    """A channel that is told of the service itself."""

    id: str
    name: str


class OperationsShown(Struct, frozen=True, kw_only=True):
    """Who is told of the service itself."""

    channels: tuple[OperationsChannel, ...]  # empty: nobody
    file: str | None  # that names them, and alone may change them; null: people do
    revision: int


class OperationsWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is to be told of the service itself."""

    channels: Annotated[tuple[Named, ...], Meta(max_length=_MOST)]  # names or ids; empty: nobody


class OperationsTested(Struct, frozen=True, kw_only=True):
    """What came of a sample for one channel."""

    channel: OperationsChannel
    test: Tested


class OperationsTests(Struct, frozen=True, kw_only=True):
    """What came of the samples."""

    items: tuple[OperationsTested, ...]


async def _show(call: Call) -> Answer:
    return _answer(await operations.find(call.context.database, call.asker.workspace))


async def _choose(call: Call) -> Answer:
    wanted: OperationsWanted = call.body
    now = call.context.clock.now()
    return _answer(
        await operations.choose(call.context.database, call.asker.actor, wanted.channels, now, expected=call.expected)
    )


async def _test(call: Call) -> Answer:
    context = call.context
    sent = await sampling.send_to_operations(
        context.database, context.vault, context.settings, call.asker.workspace, context.clock
    )
    items = (
        OperationsTested(channel=OperationsChannel(id=one.id, name=one.name), test=tested(alert, attempt))
        for one, alert, attempt in sent
    )
    return Answer(content=OperationsTests(items=tuple(items)))


def _answer(one: Operations) -> Answer:
    channels = tuple(OperationsChannel(id=each.id, name=each.name) for each in one.channels)
    shown = OperationsShown(channels=channels, file=one.file, revision=one.revision)
    return Answer(content=shown, revision=one.revision)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/operations",
        name="show_operations",
        summary="Show which channels are told of the service itself",
        scope=Scope.READ,
        handler=_show,
        gives=OperationsShown,
    ),
    Endpoint(
        method="PUT",
        path="/operations",
        name="change_operations",
        summary="Choose which channels are told of the service itself, where no file names them",
        scope=Scope.WRITE,
        handler=_choose,
        takes=OperationsWanted,
        gives=OperationsShown,
        changes=True,
    ),
    Endpoint(
        method="POST",
        path="/operations/test",
        name="test_operations",
        summary="Send a sample, marked as such, to each of these channels, and say what came of it",
        scope=Scope.WRITE,
        handler=_test,
        gives=OperationsTests,
    ),
)
