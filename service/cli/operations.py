"""``operations``: which channels are told of the service itself."""

import asyncio
from collections.abc import Sequence

import typer
from msgspec import to_builtins
from rich.text import Text

from service import settings as environment
from service.cli.out import print_json
from service.cli.resources import acting
from service.cli.screen import Screen
from service.clock import SystemClock, now
from service.control import operations
from service.control.operations import NamedChannel, Operations
from service.control.sampling import ADVICE, send_to_operations
from service.model.alert import Alert
from service.model.delivery import DeliveryState, Reason
from service.store.attempts import Attempt
from service.text import one_line
from service.words import lasted


def show(workspace: str, *, as_json: bool) -> None:
    """Say which they are, and who says so."""

    async def read() -> Operations:
        async with acting(workspace) as (database, _, actor):
            return await operations.find(database, actor.workspace)

    found = asyncio.run(read())
    if as_json:
        print_json(to_builtins(found))
        return
    _say(found)
    screen = Screen()
    if found.file is not None:
        screen.print(Text(f"named in {found.file}: change them there, then `filingbell apply` it"), soft_wrap=True)
    elif not found.channels:
        screen.print("to choose some: filingbell operations set CHANNEL ...")
    elif len(found.channels) == 1:
        screen.print("name a second one, which is told when the first takes nothing")


def choose(channels: Sequence[str], workspace: str) -> None:
    """Tell *channels* from now on; none: nobody."""

    async def write() -> Operations:
        async with acting(workspace) as (database, _, actor):
            return await operations.choose(database, actor, channels, now())

    _say(asyncio.run(write()))


def test(workspace: str) -> None:
    """Send each of them a sample; exit status 1 if one does not take it."""

    async def send() -> list[tuple[NamedChannel, Alert, Attempt]]:
        async with acting(workspace) as (database, vault, actor):
            return await send_to_operations(database, vault, environment.load(), actor.workspace, SystemClock())

    sent, screen = asyncio.run(send()), Screen()
    for one, _, attempt in sent:
        taken, reason = attempt.state is DeliveryState.DELIVERED, Reason(attempt.reason or Reason.RECEIVED)
        word, style = ("took", "green") if taken else ("did not take", "red")
        answer = f"{one_line(attempt.detail)} ({reason}, {lasted(attempt.seconds)})"
        screen.print(Text.assemble(f"{one.name} ", (word, style), f" the sample: {answer}"), soft_wrap=True)
        screen.print(Text(f"  {ADVICE[reason]}"), soft_wrap=True)
    if any(attempt.state is not DeliveryState.DELIVERED for _, _, attempt in sent):
        raise typer.Exit(1)


def _say(found: Operations) -> None:
    names = ", ".join(one.name for one in found.channels)
    Screen().print(Text(f"notices go to {names}" if names else "notices go to nobody"), soft_wrap=True)
