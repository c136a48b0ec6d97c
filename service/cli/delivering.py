"""The commands below ``deliveries`` and ``channels``. As in ``app``, each imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.calls import Commands, Limit
from service.cli.groups import FILING, Json
from service.cli.owning import DEFAULT_WORKSPACE, Workspace, channels_app

Named = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILING|ID", help=f"{FILING}, an alert's id, or a silence's."),
]
Channel = Annotated[str | None, typer.Option(metavar="CHANNEL", help="Only those to this channel.")]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help='Only those owed since then: 2h, 3d, 2026-11-25, or "2026-11-25 19:00" (Eastern).'
    ),
]

Until = Annotated[str | None, typer.Option(metavar="TIME", help="Only those owed before then, written as --since is.")]

deliveries_app = Commands("Show what was delivered and what was not; send it again.")


@deliveries_app.command("list")
def deliveries_list(
    names: Named = None,
    channel: Channel = None,
    state: Annotated[
        str | None,
        typer.Option(metavar="STATE", help="pending, delivered, dead or suppressed. Default: pending and dead."),
    ] = None,
    since: Since = None,
    until: Until = None,
    every: Annotated[bool, typer.Option("--all", help="All, whatever their state.")] = False,
    digest: Annotated[str | None, typer.Option(metavar="ID", help="Only those told in this digest.")] = None,
    limit: Limit = 100,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """List the alerts that have not arrived, and why.

    Each with the last answer, the next try, and how to send it again.
    """
    from service.cli.deliveries import Wish, show_list

    named = tuple(names or ())
    times = {"since": since, "until": until}
    wish = Wish(workspace=workspace, names=named, channel=channel, **times, all=every, state=state, digest=digest)
    show_list(wish, limit, as_json=as_json)


@deliveries_app.command("show")
def deliveries_show(
    name: Annotated[str, typer.Argument(metavar="FILING|ID", help=f"{FILING} or an alert's id.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Show every attempt to deliver a filing's alerts."""
    from service.cli.deliveries import show

    show(name, workspace, as_json=as_json)


@deliveries_app.command("resend")
def deliveries_resend(
    names: Named = None,
    channel: Channel = None,
    since: Since = None,
    until: Until = None,
    every: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
    delivered: Annotated[bool, typer.Option("--delivered", help="Also those that arrived.")] = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Send again what was given up.

    Oldest first, under the ids it had, in between what is new. Exit status 1 if there is nothing to send.
    """
    from service.cli.deliveries import Wish, resend

    named = tuple(names or ())
    wish = Wish(workspace=workspace, names=named, channel=channel, since=since, until=until, all=every)
    resend(wish, delivered=delivered)


@deliveries_app.command("acknowledge")
def deliveries_acknowledge(
    names: Named = None,
    channel: Channel = None,
    since: Since = None,
    until: Until = None,
    every: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Stop `status` from counting what was given up.

    It can still be sent again. Exit status 1 if nothing matches.
    """
    from service.cli.deliveries import Wish, acknowledge

    named = tuple(names or ())
    acknowledge(Wish(workspace=workspace, names=named, channel=channel, since=since, until=until, all=every))


@deliveries_app.command("flush")
def deliveries_flush(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="The channel, as the configuration names it.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Send now what waits for a channel's next try.

    Exit status 1 if nothing waits.
    """
    from service.cli.deliveries import flush

    flush(channel, workspace)


@deliveries_app.command("move")
def deliveries_move(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The channel, by the name that it had.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The channel that is to get what waits.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Send to one channel what waits for another.

    Under the same ids. Exit status 1 if nothing waits.
    """
    from service.cli.deliveries import move

    move(source, target, workspace)


@channels_app.callback()
def _channels() -> None:
    """Test the channels of the configuration."""  # with one command, typer would make it the group itself


@channels_app.command("test")
def channels_test(
    name: Annotated[str, typer.Argument(metavar="CHANNEL", help="The channel's name, or its id.")],
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", metavar="FILE", help="Test the channel of this file, which need not be applied."
        ),
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Send a sample alert and say what came of it.

    Exit status 1 if the channel did not take it.
    """
    from service.cli.channels import test

    test(name, config, workspace)
