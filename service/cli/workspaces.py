"""``workspaces``: which there are, and making one."""

import asyncio
import shlex

from service.cli.out import print_json
from service.cli.resources import acting
from service.cli.screen import Screen
from service.clock import now
from service.control import workspaces
from service.runtime.opened import opened
from service.store.workspaces import Workspace


def list_all(*, as_json: bool) -> None:
    """Every workspace."""

    async def read() -> list[Workspace]:
        async with opened() as (database, _):
            return await workspaces.every(database)

    found = asyncio.run(read())
    if as_json:
        print_json([{"id": one.id, "name": one.name, "operations": one.operations} for one in found])
    else:
        for one in found:
            Screen().print(f"{one.name}  {one.id}")


def add(name: str) -> None:
    """Make one; making it again changes nothing."""

    async def write() -> None:
        async with acting("default", create=True) as (database, _, actor):
            if name not in {one.name for one in await workspaces.every(database)}:
                await workspaces.add(database, actor, name, now())

    asyncio.run(write())
    Screen().print(f"workspace {name}: filingbell rules list --workspace {shlex.quote(name)}")
