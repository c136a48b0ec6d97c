"""``people``: who may sign in, and the links with which they come."""

import asyncio
from datetime import timedelta

from rich.table import Table

from service import settings as environment
from service.cli.out import print_json
from service.cli.resources import acting
from service.cli.screen import Screen
from service.clock import now
from service.control import accounts, invitations, workspaces
from service.model.errors import ConfigError
from service.model.person import Person, Role
from service.settings import Settings
from service.words import eastern, nearest

_HOME = "default"  # workspaces do not matter to accounts; this one is always there


def show_list(*, as_json: bool) -> None:
    """Everybody, and what they may do where."""

    async def read() -> tuple[list[Person], dict[str, str]]:
        async with acting(_HOME) as (database, _, _):
            names: dict[str, str] = {one.id: one.name for one in await workspaces.every(database)}
            return await accounts.every(database), names

    found, names = asyncio.run(read())
    if as_json:
        print_json([_plain(one, names) for one in found])
        return
    if not found:
        Screen().print("nobody yet: `filingbell run` prints a link that makes the first account")
        return
    table = Table("Name", "Roles", "State", "Since")
    for one in found:
        roles = [f"{role} of {names[workspace]}" for workspace, role in one.roles.items() if workspace in names]
        roles = [*(["admin of this service"] if one.admin else []), *roles]
        state = f"disabled since {eastern(one.disabled)}" if one.disabled else "active"
        table.add_row(one.name, ", ".join(roles), state, eastern(one.created))
    Screen().print(table)


def invite(name: str, role: str, days: int, workspace: str) -> None:
    """Print a link with which one person makes an account."""
    wanted, site = _role(role), _site(environment.load())

    async def write() -> tuple[str, str]:
        async with acting(workspace, create=True) as (database, _, actor):
            lasts = timedelta(days=days)
            made, secret = await invitations.invite(database, actor, name, wanted, now(), lasts=lasts)
            assert secret is not None
            return secret, eastern(made.expires)

    secret, until = asyncio.run(write())
    print(f"{site}/welcome/{secret}")
    said = f"an invitation for {name} as {wanted} of {workspace}; the link works once, until {until}"
    Screen(stderr=True).print(said)


def link(name: str) -> None:
    """Print a link with which somebody chooses a new password."""
    site = _site(environment.load())

    async def write() -> tuple[Person, str, str]:
        async with acting(_HOME) as (database, _, actor):
            person, secret, until = await accounts.password_link(database, actor, name, now())
            return person, secret, eastern(until)

    person, secret, until = asyncio.run(write())
    print(f"{site}/welcome/{secret}")
    Screen(stderr=True).print(f"with it {person.name} chooses a new password; it works once, until {until}")


def switch(name: str, *, disabled: bool) -> None:
    """Let somebody sign in, or no longer."""

    async def write() -> Person:
        async with acting(_HOME) as (database, _, actor):
            return await accounts.change(database, actor, name, now(), disabled=disabled)

    person = asyncio.run(write())
    Screen().print(f"{person.name} is disabled, and signed out everywhere" if disabled else f"{person.name} is enabled")


def _site(settings: Settings) -> str:
    """Where the pages are; raises ConfigError where nobody is served any."""
    if settings.site is None:
        raise ConfigError("no pages are served: set FILINGBELL_HTTP, and FILINGBELL_HTTP_TRUSTED beyond this machine")
    return settings.site


def _role(given: str) -> Role:
    try:
        return Role(given)
    except ValueError:
        close = nearest(given, list(Role))
        meant = f"; did you mean {str(close)!r}?" if close else f"; there are {', '.join(Role)}"
        raise ConfigError(f"there is no role {given!r}{meant}") from None


def _plain(one: Person, names: dict[str, str]) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "admin": one.admin,
        "created": one.created,
        "disabled": one.disabled,
        "roles": {names[workspace]: role for workspace, role in one.roles.items() if workspace in names},
    }
