"""``status``: how far everything has come, and what is wrong."""

import asyncio

import msgspec
import typer

from service import settings as environment
from service.cli.out import print_json
from service.cli.screen import Screen
from service.cli.standing import show
from service.clock import now
from service.control import status as control
from service.control.status import Status
from service.runtime.opened import opened
from service.text import legible
from service.watch.look import Look


def status(*, as_json: bool) -> None:
    """Show the state; exit status 1 exactly while something is wrong."""
    found = asyncio.run(_status())
    if as_json:
        print_json(msgspec.to_builtins(found))
    else:
        show(legible(found), Screen())
    if found.conditions:
        raise typer.Exit(1)


async def _status() -> Status:
    settings = environment.load()
    async with opened(settings=settings) as (database, log):
        return await control.status(Look(database, log, settings, now()))
