"""The commands on silences. As in ``app``, each imports what it needs when it runs."""

from typing import Annotated

import typer

from service.cli.calls import Commands
from service.cli.groups import Json
from service.cli.owning import DEFAULT_WORKSPACE, Workspace

Silence = Annotated[str, typer.Argument(metavar="SILENCE", help="Its id.")]
Several = list[str] | None

silences_app = Commands("See, make and end silences.\n\nWhat is silenced is kept, and can be sent later.")


@silences_app.command("list")
def silences_list(
    ended: Annotated[bool, typer.Option("--ended", help="Also those that have ended.")] = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """List the silences that are active.

    What they cover, who made them and why, and how much was not sent.
    """
    from service.cli.silences import show_list

    show_list(workspace, ended=ended, as_json=as_json)


@silences_app.command("show")
def silences_show(silence: Silence, workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Show a silence, and how to send what it kept."""
    from service.cli.silences import show

    show(silence, workspace, as_json=as_json)


@silences_app.command("add")
def silences_add(
    reason: Annotated[str, typer.Option(metavar="WHY", help="Why, for those who wonder later.")],
    tickers: Annotated[Several, typer.Option("--ticker", metavar="TICKER", help="Alerts on this company.")] = None,
    companies: Annotated[Several, typer.Option("--cik", metavar="CIK", help="Alerts on this company.")] = None,
    owners: Annotated[Several, typer.Option("--owner", metavar="CIK", help="Alerts on this insider's filings.")] = None,
    rules: Annotated[Several, typer.Option("--rule", metavar="RULE", help="Alerts of this rule.")] = None,
    kinds: Annotated[
        Several, typer.Option("--kind", metavar="KIND", help="Alerts whose rows are all of this kind, such as gift.")
    ] = None,
    lasts: Annotated[str | None, typer.Option("--for", metavar="SPAN", help="For so long: 2h, 1d, 2w.")] = None,
    until: Annotated[str | None, typer.Option(metavar="WHEN", help="Until then (Eastern).")] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Make a silence: for a time, matching alerts are not sent.

    All that is given must hold; of several of the same, one is enough.
    """
    from service.cli.silences import add as command
    from service.control.silences import SilenceDraft

    named = {"tickers": tickers, "companies": companies, "owners": owners, "rules": rules, "kinds": kinds}
    draft = SilenceDraft(reason=reason, **{field: tuple(given or ()) for field, given in named.items()})
    command(draft, lasts, until, workspace)


@silences_app.command("remove")
def silences_remove(silence: Silence, workspace: Workspace = DEFAULT_WORKSPACE) -> None:
    """End a silence before its time.

    What it kept stays unsent until somebody sends it.
    """
    from service.cli.silences import remove

    remove(silence, workspace)
