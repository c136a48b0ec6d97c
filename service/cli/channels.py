"""``channels test``: whether a channel takes what it is sent, and what to do if it does not."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import typer
from msgspec import Struct
from rich.text import Text

from consumers import configuration as configfile
from consumers.dispatcher.channelbook import Addressee, addressed_by
from consumers.dispatcher.channels import Channel
from consumers.dispatcher.door import doors
from consumers.dispatcher.exchange import exchange
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.leaving import Leaving
from service import settings as environment
from service.cli.resources import acting
from service.cli.screen import Screen
from service.clock import SystemClock, now
from service.control.resources import found, inventory
from service.control.sampling import ADVICE, sample, send
from service.control.sections import Inventory
from service.model.alert import Alert
from service.model.delivery import DeliveryState, Reason
from service.model.errors import ConfigError, FilingbellError
from service.model.message import MessageKind
from service.model.resource import ResourceKind
from service.runtime.hiding import Hiding
from service.runtime.wiring import FILE
from service.store import Database
from service.store.database import file_of
from service.text import one_line
from service.vault import Vault
from service.wire import encode
from service.words import lasted


def test(name: str, config: Path | None, workspace: str) -> None:
    """Send a sample to the channel *name*, as *config* has it or the database; exit status 1 if it is not taken.

    Without a *config* that is the file in this folder, which may not be applied yet; where it has none, the database.
    What the database has so is sent and recorded like any other message.
    """
    alert = sample(name, now())
    tried = asyncio.run(_tried(name, _written(name, config), workspace, alert))
    console = Screen()
    word, style = ("took", "green") if tried.taken else ("did not take", "red")
    answer = f"{one_line(tried.detail)} ({tried.reason}, {lasted(tried.seconds)})"
    console.print(Text.assemble(f"{name} ", (word, style), f" the sample: {answer}"), soft_wrap=True)
    console.print(Text(ADVICE[tried.reason]), soft_wrap=True)
    if tried.taken:
        console.print(Text(f"It says: {one_line(alert.headline)}", style="dim"), soft_wrap=True)
    console.print(Text(tried.record, style="dim"), soft_wrap=True)
    if not tried.taken:
        raise typer.Exit(1)


class _Tried(Struct, frozen=True, kw_only=True):
    """What came of a sample."""

    taken: bool
    reason: Reason
    detail: str
    seconds: float
    record: str  # where it can be seen again, or why it cannot


class _Written(Struct, frozen=True, kw_only=True):
    """The channel as a configuration file has it."""

    file: Path
    section: Mapping[str, Any]
    channel: Channel
    names: tuple[str, ...]  # of all that the file has


def _written(name: str, config: Path | None) -> _Written | None:
    """The channel *name* of the file *config*, or of the one in this folder; None: no file is meant.

    A file in this folder is meant if it has the channel, or there is no database to have it.
    """
    file = config or Path(FILE)
    if config is None and not file.exists():
        return None
    configuration = configfile.load(file)
    channel = configuration.channels.get(name)
    if channel is not None:
        section = configuration.sections["channels"][name]
        return _Written(file=file, section=section, channel=channel, names=tuple(configuration.channels))
    database = file_of(environment.load().database_url)
    if config is None and (database is None or database.exists()):
        return None
    known = ", ".join(configuration.channels)
    raise ConfigError(f"there is no channel {name!r}; {file} has: {known}")


async def _tried(name: str, written: _Written | None, workspace: str, alert: Alert) -> _Tried:
    async with AsyncExitStack() as stack:
        try:
            database, vault, actor = await stack.enter_async_context(acting(workspace))
            known = await inventory(database, actor.workspace)
            addressee = _stored(name, known, vault, written)
        except FilingbellError as error:
            if written is None:
                raise
            why = str(error)
        else:
            if addressee is not None:
                return await _recorded(database, addressee, alert)
            assert written is not None
            why = f"the channel is as in {written.file}, which is not applied so"
    return await _unrecorded(written, alert, why)


def _stored(name: str, known: Inventory, vault: Vault, written: _Written | None) -> Addressee | None:
    """The channel *name* of the database; None: a file has it, and otherwise. Raises NotFound where neither does."""
    leaving = Leaving(vault, environment.load().http_trusted)
    if written is None:
        resource = found(known, ResourceKind.CHANNEL, name)
        return addressed_by(resource, vault.opened(dict(resource.section)), leaving)
    there = known.find(ResourceKind.CHANNEL, name)
    section = vault.opened(dict(there.section)) if there is not None else None
    return addressed_by(there, section, leaving) if there is not None and section == written.section else None


async def _recorded(database: Database, addressee: Addressee, alert: Alert) -> _Tried:
    """By the sender's own way, whether or not a service runs."""
    attempt = await send(database, environment.load(), addressee, alert, SystemClock())
    return _Tried(
        taken=attempt.state is DeliveryState.DELIVERED,
        reason=Reason(attempt.reason or Reason.RECEIVED),
        detail=attempt.detail,
        seconds=attempt.seconds,
        record=f"To see it again: filingbell deliveries show {alert.id}",
    )


async def _unrecorded(written: _Written, alert: Alert, why: str) -> _Tried:
    """By nothing but the file: the database has no such channel, or another one."""
    settings, started = environment.load(), time.monotonic()
    hiding = Hiding(settings)
    hiding.learn(written.channel.secrets, written.names)
    async with doors(settings.egress) as opened:
        guard = Guard(opened, now, hiding, settings.way)
        outcome, _ = await exchange(written.channel, guard, MessageKind.TEST, encode(alert), now(), trusted=True)
    return _Tried(
        taken=outcome.state is DeliveryState.DELIVERED,
        reason=outcome.reason,
        detail=outcome.detail,
        seconds=time.monotonic() - started,
        record=f"Not recorded: {one_line(why)}",
    )
