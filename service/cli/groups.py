"""The commands below ``topics`` and ``dlq``. As in ``app``, each imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated

import typer

Names = Annotated[list[str] | None, typer.Argument(help="Ids, or accession numbers.")]
Stage = Annotated[str | None, typer.Option(help="Those of one stage: poller, parser, matcher, dispatcher, relay.")]
Why = Annotated[str | None, typer.Option("--reason", help="Those of one reason, such as malformed-xml.")]
Every = Annotated[bool, typer.Option("--all", help="Every open one.")]
Config = Annotated[Path, typer.Option("--config", "-c", help="Channels, watchlists and rules.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]

DEFAULT_CONFIG = Path("filingbell.yaml")
_COMPRESSIONS = "producer (what the relay chose), uncompressed, gzip, snappy, lz4 or zstd."
READER_GONE = 141  # the exit status, as the shell says of what SIGPIPE has ended

topics_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Make, describe and change the topics on Kafka."
)
dlq_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See to dead letters.")


@topics_app.command()
def create(
    partitions: Annotated[int, typer.Option(min=1, help="Of each new topic; may grow, never shrink.")] = 6,
    replication: Annotated[
        int | None, typer.Option(min=1, help="Copies of new topics; default: 3, or as many as there are brokers.")
    ] = None,
    retention_days: Annotated[int, typer.Option(min=1, help="How long new topics keep records.")] = 30,
    compression: Annotated[str, typer.Option(help=f"{_COMPRESSIONS} Of new topics.")] = "producer",
    max_bytes: Annotated[
        int | None, typer.Option(min=1024, help="The largest record; default: FILINGBELL_KAFKA_MAX_BYTES.")
    ] = None,
) -> None:
    """Make the topics on Kafka that are missing, and say where the others differ from this; those stay as they are."""
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
    partitions: Annotated[int | None, typer.Option(min=1, help="May grow, never shrink; issuers move.")] = None,
    retention_days: Annotated[int | None, typer.Option(min=1, help="How long records are kept.")] = None,
    compression: Annotated[str | None, typer.Option(help=_COMPRESSIONS)] = None,
    max_bytes: Annotated[int | None, typer.Option(min=1024, help="The largest record; may grow.")] = None,
) -> None:
    """Change what is given, of the topics that are there; everything else stays as it is."""
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
    settled: Annotated[bool, typer.Option("--all", help="Those retried or dropped as well.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="The latest so many.")] = 100,
    as_json: Json = False,
) -> None:
    """List dead letters that nobody has seen to."""
    from service.cli.dlq import Chosen, show_list

    show_list(Chosen(stage=stage, reason=reason), settled=settled, limit=limit, as_json=as_json)


@dlq_app.command("show")
def dlq_show(name: Annotated[str, typer.Argument(help="An id, or an accession number.")]) -> None:
    """Print a dead letter whole, as JSON."""
    from service.cli.dlq import show

    show(name)


@dlq_app.command("retry")
def dlq_retry(
    names: Names = None, stage: Stage = None, reason: Why = None, every: Every = False, config: Config = DEFAULT_CONFIG
) -> None:
    """Handle dead letters' records again, under the ids they had; exit status 1 if one is still unusable."""
    from service.cli.dlq import Chosen, retry

    retry(Chosen(names=tuple(names or ()), all=every, stage=stage, reason=reason), config)


@dlq_app.command("drop")
def dlq_drop(names: Names = None, stage: Stage = None, reason: Why = None, every: Every = False) -> None:
    """Put dead letters aside; they stay on form4.dead."""
    from service.cli.dlq import Chosen, drop

    drop(Chosen(names=tuple(names or ()), all=every, stage=stage, reason=reason))
