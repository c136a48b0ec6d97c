"""The command ``filingbell``. Each command imports what it needs when it runs, so that ``--help`` is quick."""

import errno
import logging
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from service.cli.delivering import channels_app, deliveries_app
from service.cli.groups import DEFAULT_CONFIG, READER_GONE, Config, Json, dlq_app, topics_app
from service.model.errors import ConfigError, FilingbellError
from service.text import each_line


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r}: write a day such as 2025-03-03") from None


class _Commands(TyperGroup):
    """Typer answers a reader that has gone, as with ``| head``, by 1, which here means that the answer is no."""

    def invoke(self, ctx: Any) -> Any:
        """Call the command; what it has printed is through before its exit status is."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                if sys.stdout is not None:  # a supervisor may have closed it
                    sys.stdout.flush()
        except BrokenPipeError:
            _drop_output()
            sys.exit(READER_GONE)


app = typer.Typer(
    cls=_Commands,
    name="filingbell",
    help="Alerts on SEC Form 4 filings as they happen: none missed, none lost or doubled, every one explained.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.add_typer(topics_app, name="topics")
app.add_typer(dlq_app, name="dlq")
app.add_typer(deliveries_app, name="deliveries")
app.add_typer(channels_app, name="channels")


@app.callback()
def _every_command() -> None:
    """Alerts on SEC Form 4 filings as they happen: none missed, none lost or doubled, every one explained."""
    import structlog

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # standard output is for results


@app.command()
def run(
    roles: Annotated[
        list[str] | None, typer.Argument(help="poller, parser, matcher, dispatcher, relay; default: all.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    since: Annotated[
        date | None,
        typer.Option(parser=_day, metavar="DATE", help="Read back to this day, and alert on what is found."),
    ] = None,
) -> None:
    """Run the service until it is stopped."""
    from service.cli.run import run as command

    command(tuple(roles or ()), config, since)


@app.command()
def demo(
    submissions: Annotated[
        Path | None, typer.Option(help="A folder of full submissions or bare ownership XML to play instead.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Rules of your own.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="How long the morning lasts.")] = 25.0,
    follow: Annotated[bool, typer.Option(help="Go on when all is played, until stopped.")] = False,
) -> None:
    """Play a morning on EDGAR through the whole service, on this machine alone."""
    from service.cli.demo import demo as command

    command(submissions, config, seconds, follow=follow)


@app.command()
def parse(
    file: Annotated[str, typer.Argument(help="Bare ownership XML or a full submission; - for standard input.")],
    as_json: Json = False,
) -> None:
    """Show what a form 3, 4 or 5 says; exit status 1 if it is unusable."""
    from service.cli.parse import parse as command

    command(file, as_json=as_json)


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="The configuration file; default: filingbell.yaml.")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="The same, as the other commands have it.")
    ] = None,
) -> None:
    """Check a configuration file and say in words what was understood of it."""
    from service.cli.check import check as command

    if file is not None and config is not None:
        raise ConfigError(f"two files are named, {file} and {config}; check one")
    command(file or config or DEFAULT_CONFIG)


@app.command()
def explain(
    filing: Annotated[str, typer.Argument(help="An accession number that was seen, or a file.")],
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Say rule by rule why a filing alerts or does not; exit status 1 if no rule is met."""
    from service.cli.explain import explain as command

    command(filing, config, as_json=as_json)


@app.command()
def sink(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen, on this machine only.")] = 8787,
    secret: Annotated[
        list[str] | None, typer.Option(envvar="FILINGBELL_SINK_SECRET", help="Verify webhooks with this secret.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Receive Slack and webhook requests, verify their signatures and show them."""
    from service.cli.sink import sink as command

    command(port, secret or [], as_json=as_json)


@app.command()
def secret() -> None:
    """Print a new secret for a webhook."""
    import base64
    import secrets

    print(f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}")


@app.command()
def status(as_json: Json = False) -> None:
    """Show how far everything has come, and what is in its way; exit status 1 if something is."""
    from service.cli.status import status as command

    command(as_json=as_json)


@app.command()
def migrate() -> None:
    """Make the database's tables, or bring those of an older version up to date; `run` does so at its start."""
    from service.cli.migrate import migrate as command

    command()


@app.command()
def completeness(
    since: Annotated[
        date | None, typer.Option(parser=_day, metavar="DATE", help="From this day on; default: the last 30 days.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show day by day what the SEC's index lists and what became of it.

    Exit status 1 if anything is missing, or if a day should have been compared a day ago.
    """
    from service.cli.completeness import completeness as command

    command(since, as_json=as_json)


@app.command()
def reconcile(
    day: Annotated[date | None, typer.Argument(parser=_day, metavar="DATE", help="One day.")] = None,
    since: Annotated[
        date | None, typer.Option(parser=_day, metavar="DATE", help="Every day from this one to yesterday.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare days with the SEC's index now, and fetch what is missing; exit status 1 if anything stays so."""
    from service.cli.completeness import reconcile as command

    command(day, since, as_json=as_json)


@app.command()
def backfill(
    since: Annotated[date | None, typer.Option(parser=_day, metavar="DATE", help="The first day.")] = None,
    until: Annotated[
        date | None, typer.Option(parser=_day, metavar="DATE", help="The last day; default: yesterday.")
    ] = None,
    ticker: Annotated[list[str] | None, typer.Option(help="Only of this company; can be repeated.")] = None,
    cik: Annotated[list[str] | None, typer.Option(help="Only of this company or person; can be repeated.")] = None,
    alert: Annotated[
        bool, typer.Option("--alert", help="Match rules as well, and tell the alerts in digests.")
    ] = False,
    stop: Annotated[int | None, typer.Option(help="Stop the backfill of this number; what it fetched stays.")] = None,
) -> None:
    """Publish filings of the past, as history, behind everything that is live; goes on where it was."""
    from service.cli.backfill import backfill as command
    from service.cli.backfill import stop as command_to_stop

    if stop is not None:
        if since or until or ticker or cik or alert:
            raise ConfigError("--stop N stands alone: it stops a backfill, and the other options begin one")
        command_to_stop(stop)
    else:
        command(since, until, ticker or [], cik or [], alert=alert)


@app.command()
def latency(
    last: Annotated[int, typer.Option("--last", "-n", min=1, help="Of the last so many filings.")] = 1000,
    as_json: Json = False,
) -> None:
    """Show how long filings took from EDGAR's acceptance to the alert, station by station."""
    from service.cli.latency import latency as command

    command(last, as_json=as_json)


@app.command()
def tail(
    topic: Annotated[str, typer.Argument(help="form4.filings, form4.parsed, form4.alerts or form4.dead.")],
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="All of it, not just the last.")] = False,
    last: Annotated[int, typer.Option("--last", "-n", min=0, help="How many of the last events.")] = 10,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until stopped.")] = False,
    as_json: Json = False,
) -> None:
    """Show a topic's events, one a line."""
    from service.cli.tail import tail as command

    command(topic, None if from_beginning else last, follow=follow, as_json=as_json)


@app.command()
def schema(
    topic: Annotated[str | None, typer.Argument(help="One topic; default: all.")] = None,
    asyncapi: Annotated[
        bool, typer.Option("--asyncapi", help="An AsyncAPI 3 document, with the servers of FILINGBELL_KAFKA.")
    ] = False,
) -> None:
    """Print what the topics' values look like: JSON Schema, or AsyncAPI."""
    from service.cli.schema import schema as command

    command(topic, as_asyncapi=asyncapi)


def main() -> None:
    """The way in. Exit status: 0 done, 1 the answer is no, 2 the call or a setting is wrong, 130 interrupted."""
    logging.getLogger().addHandler(logging.NullHandler())  # libraries speak only where logs are configured
    try:
        app()
    except ConfigError as error:
        print(each_line(f"filingbell: {error}"), file=sys.stderr)
        sys.exit(2)
    except FilingbellError as error:
        print(each_line(f"filingbell: {error}"), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(f"filingbell: what it prints, or a file, cannot be written: {error.strerror}", file=sys.stderr)
        _drop_output()
        sys.exit(1)


def _drop_output() -> None:
    """What was not written has nowhere to go: else the interpreter would try once more at its end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
