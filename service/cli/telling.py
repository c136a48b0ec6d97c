"""The commands on who is told of the service itself. As in ``app``, each imports what it needs when it runs."""

from typing import Annotated

import typer

from service.cli.calls import Commands
from service.cli.groups import Json
from service.cli.owning import DEFAULT_WORKSPACE, Workspace

operations_app = Commands("See, choose and try the channels that notices go to.")


@operations_app.command("show")
def operations_show(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Show which channels notices go to.

    And whether a file says so, or people do.
    """
    from service.cli.operations import show

    show(workspace, as_json=as_json)


@operations_app.command("set")
def operations_set(
    channels: Annotated[list[str], typer.Argument(metavar="CHANNEL", help="The channels, by name or id.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Have notices go to these channels, and no others.

    Where the configuration file has `operations`, it alone says so.
    """
    from service.cli.operations import choose

    choose(channels, workspace)


@operations_app.command("clear")
def operations_clear(workspace: Workspace = DEFAULT_WORKSPACE) -> None:
    """Have notices go to nobody.

    They are kept, and shown by `filingbell notices` all the same.
    """
    from service.cli.operations import choose

    choose((), workspace)


@operations_app.command("test")
def operations_test(workspace: Workspace = DEFAULT_WORKSPACE) -> None:
    """Send a sample, marked as such, to each of these channels.

    Exit status 1 if one does not take it.
    """
    from service.cli.operations import test

    test(workspace)
