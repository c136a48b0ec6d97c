"""The commands below ``deliveries`` and ``channels``. As in ``app``, each imports what it needs when it runs."""

from typing import Annotated

import typer

from service.cli.groups import DEFAULT_CONFIG, Config, Json

Named = Annotated[
    list[str] | None,
    typer.Argument(help="Accession numbers (or EDGAR's links), or ids of alerts.", metavar="[FILING|ID]..."),
]
Channel = Annotated[str | None, typer.Option(help="Those of one channel.")]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", help='Those owed since then: 2h, 3d, 2026-11-25, or "2026-11-25 19:00" (Eastern).'),
]

deliveries_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="See what was delivered and what was not, and send it again."
)
channels_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Try the channels of the configuration.")


@deliveries_app.command("list")
def deliveries_list(
    names: Named = None,
    channel: Channel = None,
    state: Annotated[str | None, typer.Option(help="pending, delivered or dead; default: the first and last.")] = None,
    since: Since = None,
    every: Annotated[bool, typer.Option("--all", help="Whatever their state.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Show this many, the latest.")] = 100,
    as_json: Json = False,
) -> None:
    """List deliveries that have not arrived, with the last answer and the next try."""
    from service.cli.deliveries import Wish, show_list

    wish = Wish(names=tuple(names or ()), channel=channel, since=since, all=every, state=state)
    show_list(wish, limit, as_json=as_json)


@deliveries_app.command("show")
def deliveries_show(
    name: Annotated[str, typer.Argument(help="An accession number (or EDGAR's link), or an alert's id.")],
    as_json: Json = False,
) -> None:
    """Show every attempt to deliver an alert, or all alerts on a filing."""
    from service.cli.deliveries import show

    show(name, as_json=as_json)


@deliveries_app.command("resend")
def deliveries_resend(
    names: Named = None,
    channel: Channel = None,
    since: Since = None,
    every: Annotated[bool, typer.Option("--all", help="Every dead one.")] = False,
    delivered: Annotated[bool, typer.Option("--delivered", help="Those that arrived as well.")] = False,
) -> None:
    """Send dead deliveries again, oldest first, under the ids they had; exit status 1 if there are none."""
    from service.cli.deliveries import Wish, resend

    resend(Wish(names=tuple(names or ()), channel=channel, since=since, all=every), delivered=delivered)


@deliveries_app.command("acknowledge")
def deliveries_acknowledge(
    names: Named = None,
    channel: Channel = None,
    since: Since = None,
    every: Annotated[bool, typer.Option("--all", help="Every dead one.")] = False,
) -> None:
    """Note that dead deliveries were seen: status counts them no more; exit status 1 if there are none."""
    from service.cli.deliveries import Wish, acknowledge

    acknowledge(Wish(names=tuple(names or ()), channel=channel, since=since, all=every))


@deliveries_app.command("flush")
def deliveries_flush(channel: Annotated[str, typer.Argument(help="The channel.")]) -> None:
    """Try now what waits for a channel, rather than at its next try; exit status 1 if nothing waits."""
    from service.cli.deliveries import flush

    flush(channel)


@deliveries_app.command("move")
def deliveries_move(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The channel, by the name that it had.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The channel that is to get what waits.")],
) -> None:
    """Send what waits for one channel to another, under the same ids; exit status 1 if nothing waits."""
    from service.cli.deliveries import move

    move(source, target)


@channels_app.callback()
def _channels() -> None:
    """Try the channels of the configuration."""  # with one command, typer would make it the group itself


@channels_app.command("test")
def channels_test(
    name: Annotated[str, typer.Argument(help="The channel, as the configuration names it.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Send a sample alert through a channel and say what came of it; exit status 1 if it was not taken."""
    from service.cli.channels import test

    test(name, config)
