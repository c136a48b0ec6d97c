"""The commands that need no service: to look, to try, and to begin. As in ``app``, each imports what it needs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from service.cli.calls import Commands
from service.cli.groups import DEFAULT_CONFIG, FILING, Config, Json
from service.cli.owning import DEFAULT_WORKSPACE, Workspace
from service.model.errors import ConfigError


def demo(
    submissions: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Play these filings instead: full submissions or bare ownership XML."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FILE", help="Rules of your own instead of the demo's.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=1, max=86_400, metavar="N", help="How many seconds the morning takes.")
    ] = 25.0,
    follow: Annotated[bool, typer.Option(help="Stay up when all is played, until stopped.")] = False,
) -> None:
    """Play a morning on EDGAR, on this machine alone.

    The real service reads bundled filings from a look-alike of EDGAR; a local receiver shows what it sends.
    """
    from service.cli.demo import demo as command

    command(submissions, config, seconds, follow=follow)


def parse(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Bare ownership XML or a full submission; - for standard input.")
    ],
    as_json: Json = False,
) -> None:
    """Show what a form 3, 4 or 5 says.

    Exit status 1 if it is unusable.
    """
    from service.cli.parse import parse as command

    command(file, as_json=as_json)


def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The configuration file. Default: filingbell.yaml.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FILE", help="The same, as for other commands.")
    ] = None,
) -> None:
    """Check a configuration file; say in words what it asks."""
    from service.cli.check import check as command

    if file is not None and config is not None:
        raise ConfigError(f"two files are named, {file} and {config}; check one")
    command(file or config or DEFAULT_CONFIG)


def explain(
    filing: Annotated[
        str, typer.Argument(metavar="FILING", help=f"{FILING} or a file. A ticker or CIK lists its last filings.")
    ],
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Say rule by rule why a filing alerts or does not.

    Exit status 1 if no rule is met.
    """
    from service.cli.explain import explain as command

    command(filing, config, as_json=as_json)


def preview(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="Its name or id.")],
    filing: Annotated[str, typer.Option("--filing", "-f", metavar="FILING", help=f"{FILING} or a file.")],
    raw: Annotated[bool, typer.Option("--raw", help="The message as it is sent, instead of as it is seen.")] = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Show what a channel would be sent for a filing.

    By each of its rules that the filing meets; nothing is sent.
    """
    from service.cli.preview import preview as command

    command(channel, filing, workspace, raw=raw, as_json=as_json)


def sink(
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="N", help="Port to listen on, on this machine only.")
    ] = 8788,
    secret: Annotated[
        list[str] | None,
        typer.Option(
            envvar="FILINGBELL_SINK_SECRET", metavar="SECRET", help="Verify webhooks with it. Can be repeated."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Receive Slack and webhook requests and show them."""
    from service.cli.sink import sink as command

    command(port, secret or [], as_json=as_json)


def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = DEFAULT_CONFIG,
) -> None:
    """Write a first configuration file, with comments.

    Replaces no file.
    """
    from service.cli.init import init as command

    command(file)


def secret(
    key: Annotated[bool, typer.Option("--key", help="A key for FILINGBELL_KEY instead.")] = False,
    pair: Annotated[bool, typer.Option("--pair", help="A private key, and the public key for your receiver.")] = False,
) -> None:
    """Print a new secret for a webhook."""
    from consumers.dispatcher.channels.webhook import Signature, made, signer
    from service.vault import new_key, new_secret

    if key and pair:
        raise ConfigError("--key and --pair are for different things: give one of them")
    if not pair:
        print(new_key() if key else new_secret())
        return
    private = made(Signature.KEY_PAIR)
    print(private)
    print(f"your receiver checks with the public key {signer(private).shown}", file=sys.stderr)


def register(app: Commands) -> None:
    """Make them commands of *app*."""
    for command in (demo, parse, check, explain, preview, sink, init, secret):
        app.command()(command)
