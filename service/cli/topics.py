"""``topics``: the topics on Kafka, made, described and changed."""

import asyncio

from rich.table import Column, Table

from service import settings as environment
from service.cli.out import print_json
from service.cli.screen import Screen
from service.log import admin
from service.log.broker import Broker
from service.log.shape import DAY, Change, Described, Shape
from service.model.errors import ConfigError


def create(shape: Shape) -> None:
    """Make the topics that are missing; says what it did, and where the others differ from *shape*."""
    for line in asyncio.run(admin.create(_broker(), shape)):
        print(line)


def change(wanted: Change) -> None:
    """Make *wanted* so on the topics that are there; says what it did."""
    if wanted == Change():
        raise ConfigError("say what to change: --partitions, --retention-days, --compression or --max-bytes")
    for line in asyncio.run(admin.change(_broker(), wanted)):
        print(line)


def describe(*, as_json: bool) -> None:
    """Show the topics as they are."""
    found = asyncio.run(admin.describe(_broker()))
    if as_json:
        rows = [{name: getattr(one, name) for name in one.__struct_fields__} for one in found]
        print_json(rows)
    else:
        _show(found)


def _show(found: list[Described]) -> None:
    table = Table(Column("Topic", no_wrap=True), "Partitions", "Replicas", "Retention", "Compression", "Largest record")
    for one in found:
        if not one.partitions:
            table.add_row(one.topic, "not there: filingbell topics create")
            continue
        days = int(one.settings.get("retention.ms", -1)) / DAY
        table.add_row(
            one.topic,
            str(one.partitions),
            str(one.replication),
            f"{days:g} days" if days >= 0 else "the broker's",
            one.settings.get("compression.type", "the broker's"),
            one.settings.get("max.message.bytes", "the broker's"),
        )
    Screen().put(table)


def _broker() -> Broker:
    broker = environment.load().broker
    if broker is None:
        raise ConfigError("there is no Kafka: set FILINGBELL_KAFKA=host:9092")
    return broker
