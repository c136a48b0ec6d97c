"""``tokens``: by which programs are let in over HTTP."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from msgspec import to_builtins
from rich.table import Table

from service.cli.out import print_json
from service.cli.resources import acting
from service.cli.screen import Screen
from service.clock import now
from service.control import tokens
from service.model.errors import ConfigError
from service.model.person import Scope, Token
from service.words import eastern, nearest


def show_list(workspace: str, *, as_json: bool) -> None:
    """Every token: what it may do, and when it was last used."""

    async def read() -> list[Token]:
        async with acting(workspace) as (database, _, actor):
            return await tokens.every(database, actor.workspace)

    found = asyncio.run(read())
    if as_json:
        print_json(to_builtins(found))
        return
    if not found:
        Screen().print("no tokens yet: filingbell tokens add NAME")
        return
    table = Table("Name", "May", "Made by", "Expires", "Last used")
    for one in found:
        expires = eastern(one.expires) if one.expires else "never"
        if one.refused:
            expires = "refused: its maker is disabled"
        table.add_row(one.name, ", ".join(one.scopes), one.made_by, expires, eastern(one.used) if one.used else "never")
    Screen().print(table)


def add(name: str, scopes: Sequence[str], days: int | None, workspace: str) -> None:
    """Make one, and print its secret."""
    wanted = [_scope(one.strip()) for given in scopes for one in given.split(",")]

    async def write() -> tuple[Token, str | None]:
        async with acting(workspace, create=True) as (database, _, actor):
            lasts = timedelta(days=days) if days else None
            return await tokens.add(database, actor, name, wanted, now(), lasts=lasts)

    made, secret = asyncio.run(write())
    print(secret)
    until = f" until {eastern(made.expires)}" if made.expires else ""
    Screen(stderr=True).print(f"token {made.name} may {', '.join(made.scopes)}{until}; its secret is shown this once")


def revoke(name: str, workspace: str) -> None:
    """Let nobody in with it any more."""

    async def write() -> Token:
        async with acting(workspace) as (database, _, actor):
            return await tokens.revoke(database, actor, name, now())

    Screen().print(f"revoked token {asyncio.run(write()).name}")


def _scope(given: str) -> Scope:
    try:
        return Scope(given)
    except ValueError:
        close = nearest(given, list(Scope))
        meant = f"; did you mean {str(close)!r}?" if close else f"; there are {', '.join(Scope)}"
        raise ConfigError(f"there is no scope {given!r}{meant}") from None
