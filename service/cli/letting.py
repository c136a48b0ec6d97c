"""The commands on who may sign in. As in ``app``, each imports what it needs when it runs."""

from typing import Annotated

import typer

from service.cli.calls import Commands
from service.cli.groups import Json
from service.cli.owning import DEFAULT_WORKSPACE, Name, Workspace

people_app = Commands("See who may sign in, invite people, and help them in again.")


@people_app.command("list")
def people_list(as_json: Json = False) -> None:
    """List everybody's accounts.

    With their roles in each workspace.
    """
    from service.cli.people import show_list

    show_list(as_json=as_json)


@people_app.command("invite")
def people_invite(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whom it is for, who can choose another name.")],
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="viewer, editor or admin.")] = "viewer",
    days: Annotated[int, typer.Option("--days", min=1, max=30, metavar="N", help="How long the link works.")] = 7,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Print a link with which somebody makes an account.

    It works once. Without a workspace it is for `default`.
    """
    from service.cli.people import invite

    invite(name, role, days, workspace)


@people_app.command("link")
def people_link(name: Name) -> None:
    """Print a link with which somebody chooses a new password.

    For who has forgotten theirs; it works once, for an hour.
    """
    from service.cli.people import link

    link(name)


@people_app.command("disable")
def people_disable(name: Name) -> None:
    """Sign somebody out everywhere and let them in no more.

    The last who administers the service stays.
    """
    from service.cli.people import switch

    switch(name, disabled=True)


@people_app.command("enable")
def people_enable(name: Name) -> None:
    """Let somebody sign in again."""
    from service.cli.people import switch

    switch(name, disabled=False)
