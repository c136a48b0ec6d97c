"""The command ``filingbell``. Each command imports what it needs when it runs, so that ``--help`` is quick."""

import errno
import gc
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from service.cli import owning, past, trying
from service.cli.calls import MOST, READER_GONE, Commands, Limit
from service.cli.delivering import deliveries_app
from service.cli.groups import Json, dlq_app, topics_app
from service.cli.letting import people_app
from service.cli.silencing import silences_app
from service.cli.telling import operations_app
from service.model.errors import ConfigError, FilingbellError, Rejected
from service.text import each_line

YOUNG = 20_000  # objects that are made between looks for garbage

_SILENT = {"check"}  # what logs nothing goes without the logger, which takes a tenth of its time to load


@contextmanager
def _hidden(library: str) -> Iterator[None]:
    """For whoever is loaded meanwhile, *library* is not installed, unless it is loaded already."""
    if library in sys.modules:
        yield
        return
    sys.modules[library] = None  # type: ignore[assignment]  # as Python's import system has it
    try:
        yield
    finally:
        del sys.modules[library]


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


app = Commands(
    "Alerts on SEC Form 4 filings as they happen: none missed, none lost or doubled, every one explained.",
    cls=_Commands,
    name="filingbell",
)

app.add_typer(topics_app, name="topics")
app.add_typer(dlq_app, name="dlq")
app.add_typer(deliveries_app, name="deliveries")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"filingbell {version('filingbell')}")
        raise typer.Exit


@app.callback()
def _every_command(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  (its callback prints it)
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """Alerts on SEC Form 4 filings as they happen: none missed, none lost or doubled, every one explained."""
    if context.invoked_subcommand in _SILENT:
        return
    with _hidden("rich"):  # structlog would load it for tracebacks that look otherwise here
        import structlog

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # standard output is for results


@app.command()
def run(
    roles: Annotated[
        list[str] | None,
        typer.Argument(metavar="ROLE", help="poller, parser, matcher, dispatcher, relay or web. Default: all."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", metavar="FILE", help="Apply this file first; default: filingbell.yaml, if it is there."
        ),
    ] = None,
    since: Annotated[
        date | None,
        typer.Option(parser=past.day_of, metavar="DATE", help="Also alert on filings since this day."),
    ] = None,
) -> None:
    """Run the service until it is stopped."""
    from service.cli.run import run as command

    command(tuple(roles or ()), config, since)


trying.register(app)


@app.command()
def status(as_json: Json = False) -> None:
    """Show whether the service runs and what is wrong.

    Exit status 1 if something is.
    """
    from service.cli.status import status as command

    command(as_json=as_json)


@app.command()
def notices(
    limit: Limit = 20,
    workspace: owning.Workspace = owning.DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """List what the service has told of itself, and whom.

    Each with what to do, and whether its channels have it.
    """
    from service.cli.notices import show_list

    show_list(workspace, limit, as_json=as_json)


@app.command()
def migrate() -> None:
    """Make the database's tables, or bring them up to date.

    `run` does so at its start as well.
    """
    from service.cli.migrate import migrate as command

    command()


past.register(app)
owning.register(app)
app.add_typer(silences_app, name="silences")
app.add_typer(operations_app, name="operations")
app.add_typer(people_app, name="people")


@app.command()
def latency(
    last: Annotated[
        int, typer.Option("--last", "-n", min=1, max=MOST, metavar="N", help="Of the last N filings.")
    ] = 1000,
    as_json: Json = False,
) -> None:
    """Show how long filings took from EDGAR to the alert.

    Station by station. Exit status 1 if no live filing has come through yet.
    """
    from service.cli.latency import latency as command

    command(last, as_json=as_json)


@app.command()
def tail(
    topic: Annotated[
        str, typer.Argument(metavar="TOPIC", help="form4.filings, form4.parsed, form4.alerts or form4.dead.")
    ],
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="All events.")] = False,
    last: Annotated[int, typer.Option("--last", "-n", min=0, max=MOST, metavar="N", help="The last N events.")] = 10,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Also those that come, until stopped.")] = False,
    as_json: Json = False,
) -> None:
    """Show a topic's events, one on each line.

    A line begins with the event's partition/offset and its time; 0 is the only partition without Kafka.
    """
    from service.cli.tail import tail as command

    command(topic, None if from_beginning else last, follow=follow, as_json=as_json)


@app.command()
def schema(
    topic: Annotated[
        str | None, typer.Argument(metavar="TOPIC", help="A topic, config, or notice. Default: all topics.")
    ] = None,
    asyncapi: Annotated[
        bool, typer.Option("--asyncapi", help="As an AsyncAPI 3 document, with the servers of FILINGBELL_KAFKA.")
    ] = False,
) -> None:
    """Print JSON Schemas: topics, notices, the configuration."""
    from service.cli.schema import schema as command

    command(topic, as_asyncapi=asyncapi)


def main() -> None:
    """The way in. Exit status: 0 done, 1 the answer is no, 2 the call or a setting is wrong, 130 interrupted."""
    logging.getLogger().addHandler(logging.NullHandler())  # libraries speak only where logs are configured
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # none is ours, and to look for them takes 10 ms
    gc.set_threshold(YOUNG)  # what is imported stays: to look for garbage in it took a tenth of a command's time
    try:
        app()
    except (ConfigError, Rejected) as error:
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
    finally:
        gc.freeze()  # what is left goes with the process: to take it apart took a fifth of a command's time


def _drop_output() -> None:
    """What was not written has nowhere to go: else the interpreter would try once more at its end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
