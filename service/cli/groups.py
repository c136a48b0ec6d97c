"""The commands below ``topics`` and ``dlq``. As in ``app``, each imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.calls import Commands, Limit

FILING = "An accession number (dashes or not), EDGAR's link to the filing,"
Names = Annotated[list[str] | None, typer.Argument(metavar="FILING|ID", help=f"{FILING} or a dead letter's id.")]
Stage = Annotated[
    str | None,
    typer.Option(metavar="STAGE", help="Only of this stage: poller, parser, matcher, dispatcher or relay."),
]
Why = Annotated[
    str | None, typer.Option("--reason", metavar="REASON", help="Only for this reason, such as malformed-xml.")
]
Every = Annotated[bool, typer.Option("--all", help="All that are open.")]
Config = Annotated[Path, typer.Option("--config", "-c", metavar="FILE", help="The configuration file.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

DEFAULT_CONFIG = Path("filingbell.yaml")
_COMPRESSIONS = "producer (what the relay chose), uncompressed, gzip, snappy, lz4 or zstd."
# The most that Kafka, or anybody who means it, takes.
_PARTITIONS, _COPIES, _DAYS, _BYTES = 10_000, 32_767, 36_500, 2**31 - 1

topics_app = Commands("Make, describe and change the topics on Kafka.")
dlq_app = Commands("List, retry or drop records that could not be used.")


@topics_app.command()
def create(
    partitions: Annotated[
        int,
        typer.Option(
            min=1, max=_PARTITIONS, metavar="N", help="Partitions of each new topic; can grow later, never shrink."
        ),
    ] = 6,
    replication: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=_COPIES,
            metavar="N",
            help="Copies of each new topic. Default: 3, or as many as there are brokers.",
        ),
    ] = None,
    retention_days: Annotated[
        int, typer.Option(min=1, max=_DAYS, metavar="N", help="How long new topics keep records, in days.")
    ] = 30,
    compression: Annotated[
        str, typer.Option(metavar="CODEC", help=f"Compression of new topics: {_COMPRESSIONS}")
    ] = "producer",
    max_bytes: Annotated[
        int | None,
        typer.Option(
            min=1024, max=_BYTES, metavar="N", help="The largest record. Default: FILINGBELL_KAFKA_MAX_BYTES."
        ),
    ] = None,
) -> None:
    """Make the topics on Kafka that are missing.

    Says where the topics that are there differ from this, and leaves them as they are.
    """
    from service import settings
    from service.cli.topics import create as command
    from service.log.shape import Shape

    command(
        Shape(
            partitions=partitions,
            replication=replication,
            retention_days=retention_days,
            compression=compression,
            max_bytes=max_bytes or settings.load().kafka_max_bytes,
        )
    )


@topics_app.command()
def change(
    partitions: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=_PARTITIONS,
            metavar="N",
            help="More partitions than now. Events of an issuer can go to another one from then on.",
        ),
    ] = None,
    retention_days: Annotated[
        int | None, typer.Option(min=1, max=_DAYS, metavar="N", help="How long records are kept, in days.")
    ] = None,
    compression: Annotated[str | None, typer.Option(metavar="CODEC", help=f"Compression: {_COMPRESSIONS}")] = None,
    max_bytes: Annotated[
        int | None, typer.Option(min=1024, max=_BYTES, metavar="N", help="The largest record; no smaller than now.")
    ] = None,
) -> None:
    """Change the topics that are there.

    What no option names stays as it is.
    """
    from service.cli.topics import change as command
    from service.log.shape import Change

    command(Change(partitions=partitions, retention_days=retention_days, compression=compression, max_bytes=max_bytes))


@topics_app.command()
def describe(as_json: Json = False) -> None:
    """Show the topics on Kafka as they are."""
    from service.cli.topics import describe as command

    command(as_json=as_json)


@dlq_app.command("list")
def dlq_list(
    stage: Stage = None,
    reason: Why = None,
    settled: Annotated[bool, typer.Option("--all", help="Also those that were retried or dropped.")] = False,
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List the records that could not be used, and why."""
    from service.cli.dlq import show_list
    from service.control.dead_letters import ChosenLetters

    show_list(ChosenLetters(stage=stage, reason=reason), settled=settled, limit=limit, as_json=as_json)


@dlq_app.command("show")
def dlq_show(
    name: Annotated[str, typer.Argument(metavar="FILING|ID", help=f"{FILING} or a dead letter's id.")],
) -> None:
    """Print a record that could not be used, as JSON."""
    from service.cli.dlq import show

    show(name)


@dlq_app.command("retry")
def dlq_retry(names: Names = None, stage: Stage = None, reason: Why = None, every: Every = False) -> None:
    """Try again to use records, under the ids they had.

    Exit status 1 if one is still unusable.
    """
    from service.cli.dlq import retry
    from service.control.dead_letters import ChosenLetters

    retry(ChosenLetters(names=tuple(names or ()), all=every, stage=stage, reason=reason))


@dlq_app.command("drop")
def dlq_drop(names: Names = None, stage: Stage = None, reason: Why = None, every: Every = False) -> None:
    """Mark records as dropped; they stay on form4.dead."""
    from service.cli.dlq import drop
    from service.control.dead_letters import ChosenLetters

    drop(ChosenLetters(names=tuple(names or ()), all=every, stage=stage, reason=reason))
