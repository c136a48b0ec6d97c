"""The commands on what users own. As in ``app``, each imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.calls import Commands
from service.cli.groups import DEFAULT_CONFIG, Json
from service.model.resource import ResourceKind

Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name, or its id.")]
Given = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="Settings, such as kinds=purchase 'value=>= $100k' channels=desk."),
]
File = Annotated[str | None, typer.Option("--file", metavar="FILE", help="Settings as YAML; - for standard input.")]
Workspace = Annotated[str, typer.Option("--workspace", "-w", metavar="NAME", help="The workspace.")]

DEFAULT_WORKSPACE = "default"


def group(kind: ResourceKind, about: str) -> typer.Typer:
    """The commands of one *kind* of resource."""
    made = Commands(about)

    @made.command("list", help=f"List the {kind}s.\n\nWhat they ask for, who owns them, whether they are enabled.")
    def show_all(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
        from service.cli.resources import show_list

        show_list(kind, workspace, as_json=as_json)

    @made.command("show", help=f"Show a {kind} and its last changes.\n\nAs it was written, but for secrets.")
    def show_one(name: Name, workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
        from service.cli.resources import show

        show(kind, name, workspace, as_json=as_json)

    @made.command("add", help=f"Make a {kind} that no file owns.")
    def add(
        name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")],
        settings: Given = None,
        file: File = None,
        workspace: Workspace = DEFAULT_WORKSPACE,
    ) -> None:
        from service.cli.resources import add as command

        command(kind, name, settings or [], file, workspace)

    @made.command("edit", help=f"Change a {kind} that no file owns.\n\nKEY= takes a setting away.")
    def edit(
        name: Name,
        settings: Given = None,
        file: File = None,
        rename: Annotated[str | None, typer.Option(metavar="NAME", help="Its new name.")] = None,
        revision: Annotated[int | None, typer.Option(metavar="N", help="Only if it is still at this revision.")] = None,
        workspace: Workspace = DEFAULT_WORKSPACE,
    ) -> None:
        from service.cli.resources import edit as command

        command(kind, name, settings or [], file, rename, revision, workspace)

    @made.command("remove", help=f"Remove a {kind} that no file owns.")
    def remove(name: Name, workspace: Workspace = DEFAULT_WORKSPACE) -> None:
        from service.cli.resources import remove as command

        command(kind, name, workspace)

    @made.command("enable", help=f"Enable a {kind}.")
    def enable(name: Name, workspace: Workspace = DEFAULT_WORKSPACE) -> None:
        from service.cli.resources import switch

        switch(kind, name, workspace, enabled=True)

    @made.command("disable", help=f"Disable a {kind} until somebody enables it.")
    def disable(name: Name, workspace: Workspace = DEFAULT_WORKSPACE) -> None:
        from service.cli.resources import switch

        switch(kind, name, workspace, enabled=False)

    return made


rules_app = group(ResourceKind.RULE, "See and change rules while the service runs.")
watchlists_app = group(ResourceKind.WATCHLIST, "See and change watchlists while the service runs.")
channels_app = group(ResourceKind.CHANNEL, "See, change and try channels while the service runs.")


@watchlists_app.command("check")
def watchlists_check(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One watchlist. Default: all.")] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Show which company each entry stands for today.

    Exit status 1 if a ticker has moved to another company, or is not on the SEC's list.
    """
    from service.cli.watching import check

    check(name, workspace, as_json=as_json)


@watchlists_app.command("accept")
def watchlists_accept(
    name: Name,
    tickers: Annotated[
        list[str] | None, typer.Argument(metavar="TICKER", help="Those to accept. Default: all that have moved.")
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Follow tickers that have moved to another company.

    A file's watchlists, too: what the file asks for is the ticker.
    """
    from service.cli.watching import accept

    accept(name, tickers or [], workspace)


@watchlists_app.command("import")
def watchlists_import(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The watchlist; it is made if it is not there.")],
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV, or a ticker, CIK or name on each line; - for standard input.")
    ],
    partly: Annotated[bool, typer.Option("--partly", help="Leave out the lines that cannot be placed.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Take off the companies that the file lacks.")] = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Put the companies of a portfolio on a watchlist.

    All of them or none: lines that cannot be placed are told with what is nearest.
    """
    from service.cli.watching import import_file

    import_file(name, file, workspace, partly=partly, replace=replace)


workspaces_app = Commands("See and make workspaces.")


@workspaces_app.command("list")
def workspaces_list(as_json: Json = False) -> None:
    """List the workspaces."""
    from service.cli.workspaces import list_all

    list_all(as_json=as_json)


@workspaces_app.command("add")
def workspaces_add(name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")]) -> None:
    """Make a workspace.

    It has rules, watchlists and channels of its own.
    """
    from service.cli.workspaces import add

    add(name)


tokens_app = Commands("See, make and revoke tokens of programs.")


@tokens_app.command("list")
def tokens_list(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """List the tokens.

    What they may do, and when they were last used.
    """
    from service.cli.tokens import show_list

    show_list(workspace, as_json=as_json)


@tokens_app.command("add")
def tokens_add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")],
    scopes: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help="read, write, admin or instance. Default: read and write."),
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, metavar="N", help="How long it lasts. Default: for ever.")
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Make a token and print its secret.

    The secret is kept nowhere, and shown this once.
    """
    from service.cli.tokens import add as command

    command(name, scopes or ["read", "write"], days, workspace)


@tokens_app.command("revoke")
def tokens_revoke(name: Name, workspace: Workspace = DEFAULT_WORKSPACE) -> None:
    """End a token: whoever uses it is refused from now on."""
    from service.cli.tokens import revoke

    revoke(name, workspace)


def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The configuration file.")] = DEFAULT_CONFIG,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before something is removed.")] = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Apply a file's channels, watchlists and rules.

    All of it or nothing; a running service follows.
    """
    from service.cli.apply import apply as command

    command(file, workspace, dry_run=dry_run, yes=yes)


def why(
    filing: Annotated[
        str,
        typer.Argument(metavar="FILING", help="An accession number (dashes or not), or EDGAR's link to the filing."),
    ],
    rule: Annotated[str | None, typer.Option(metavar="RULE", help="Only for this rule.")] = None,
    channel: Annotated[str | None, typer.Option(metavar="CHANNEL", help="Only for this channel.")] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Say why an alert on a filing came, or did not.

    For each rule and channel, from what happened.
    """
    from service.cli.why import why as command

    command(filing, rule, channel, workspace, as_json=as_json)


def register(app: Commands) -> None:
    """Put these commands among those of *app*."""
    app.command()(apply)
    app.command()(why)
    app.add_typer(rules_app, name="rules")
    app.add_typer(watchlists_app, name="watchlists")
    app.add_typer(channels_app, name="channels")
    app.add_typer(workspaces_app, name="workspaces")
    app.add_typer(tokens_app, name="tokens")
