"""The commands on days that are over. As in ``app``, each imports what it needs when it runs."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from service.cli.calls import Commands
from service.cli.groups import Json
from service.cli.owning import DEFAULT_WORKSPACE, Workspace
from service.history.formats import Format
from service.model.errors import ConfigError


def day_of(text: str) -> date:
    """The day that *text* names, for an option."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r}: write a day such as 2025-03-03") from None


def completeness(
    since: Annotated[
        date | None, typer.Option(parser=day_of, metavar="DATE", help="From this day on. Default: the last 30 days.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show day by day whether any filing is missing.

    What the SEC's index lists, and what became of it. Exit status 1 if anything is missing, or if a day should have
    been compared a day ago.
    """
    from service.cli.completeness import completeness as command

    command(since, as_json=as_json)


def reconcile(
    day: Annotated[date | None, typer.Argument(parser=day_of, metavar="DATE", help="The day.")] = None,
    since: Annotated[
        date | None, typer.Option(parser=day_of, metavar="DATE", help="Instead: every day from this one to yesterday.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare days with the SEC's index; fetch what is missing.

    Exit status 1 if anything stays missing.
    """
    from service.cli.completeness import reconcile as command

    command(day, since, as_json=as_json)


def backfill(
    since: Annotated[date | None, typer.Option(parser=day_of, metavar="DATE", help="The first day.")] = None,
    until: Annotated[
        date | None, typer.Option(parser=day_of, metavar="DATE", help="The last day. Default: yesterday.")
    ] = None,
    ticker: Annotated[
        list[str] | None, typer.Option(metavar="TICKER", help="Only of this company. Can be repeated.")
    ] = None,
    cik: Annotated[
        list[str] | None, typer.Option(metavar="CIK", help="Only of this company or person. Can be repeated.")
    ] = None,
    alert: Annotated[bool, typer.Option("--alert", help="Match rules too, and send the alerts in digests.")] = False,
    stop: Annotated[int | None, typer.Option(metavar="N", help="Stop backfill N. What it has published stays.")] = None,
) -> None:
    """Publish filings of the past, as history.

    Live filings go first. Called again, it goes on where it was.
    """
    from service.cli.backfill import backfill as command
    from service.cli.backfill import stop as command_to_stop

    if stop is not None:
        if since or until or ticker or cik or alert:
            raise ConfigError("--stop N takes no other option: it stops a backfill, and the others begin one")
        command_to_stop(stop)
    else:
        command(since, until, ticker or [], cik or [], alert=alert)


history_app = Commands("Import the SEC's data sets; show and export the past.")


@history_app.command("import")
def history_import(
    paths: Annotated[
        list[Path], typer.Argument(metavar="ZIP|DIR", help="Data sets as the SEC issues them, or folders of such.")
    ],
    as_json: Json = False,
) -> None:
    """Import quarterly data sets of the SEC.

    Called again, it goes on where it was interrupted; a quarter that was issued again is a difference. Exit status 1 if
    rows could not be read.
    """
    from service.cli.history import bring

    bring(paths, as_json=as_json)


@history_app.command("show")
def history_show(
    name: Annotated[str, typer.Argument(metavar="TICKER|CIK|OWNER", help="A company, or an insider by CIK or name.")],
    last: Annotated[int, typer.Option("--last", "-n", min=1, max=1000, metavar="N", help="The last N filings.")] = 20,
    as_json: Json = False,
) -> None:
    """Show what was filed on a company, or by an insider.

    Row by row, the latest filing first.
    """
    from service.cli.history import show

    show(name, last, as_json=as_json)


@history_app.command("amendments")
def history_amendments(
    filing: Annotated[str, typer.Argument(metavar="ACCESSION", help="A 4/A, or a filing that may be amended.")],
    as_json: Json = False,
) -> None:
    """Show what a filing amends, and what amends it.

    Box by box, with the old and the new value. Exit status 1 if it is no amendment and none amends it.
    """
    from service.cli.amendments import amendments

    amendments(filing, as_json=as_json)


def backtest(
    rule: Annotated[
        str,
        typer.Argument(metavar="RULE|FILE", help="A rule by name or id, or a configuration file: each of its rules."),
    ],
    since: Annotated[
        str, typer.Option(metavar="TIME", help="From then on: 2y, 26w, 90d, or a day such as 2024-01-02.")
    ] = "2y",
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Until before then. Default: now.")] = None,
    diff: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Another form of the rule: on which filings the two differ."),
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Say how often a rule would have rung, and when.

    By the live matcher, each filing with what was known before it. Ctrl-C shows what there is so far.
    """
    from service.cli.backtest import backtested

    backtested(rule, since, until, diff, workspace, as_json=as_json)


@history_app.command("export")
def history_export(
    name: Annotated[
        str | None, typer.Argument(metavar="TICKER|CIK|OWNER", help="A company or an insider. Default: all.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FILE|-", help="The file; - for standard output.")] = Path("-"),
    form: Annotated[
        Format | None,
        typer.Option("--format", metavar="FORMAT", help="csv or parquet. Default: parquet for FILE.parquet, else csv."),
    ] = None,
    since: Annotated[
        date | None, typer.Option(parser=day_of, metavar="DATE", help="What became known on this day or later.")
    ] = None,
    until: Annotated[
        date | None, typer.Option(parser=day_of, metavar="DATE", help="What became known on this day or before.")
    ] = None,
) -> None:
    """Write what was filed to a file, or into a pipe.

    A line a transaction or holding, the first known first. FILE is replaced as a whole, or stays as it is.
    """
    from service.cli.exporting import export_history

    export_history(name, out, form, since, until)


def register(app: Commands) -> None:
    """Make them commands of *app*."""
    app.add_typer(history_app, name="history")
    for command in (completeness, reconcile, backfill, backtest):
        app.command()(command)
