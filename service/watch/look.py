"""One look at the whole service: each part of its state is read once, by whoever asks for it first."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from msgspec import Struct

from service.log.source import Log
from service.model.errors import Unavailable
from service.model.identity import WorkspaceId
from service.settings import Settings
from service.store import (
    Database,
    channel_names,
    channels,
    day_records,
    deliveries,
    events,
    filings,
    gaps,
    habits,
    marks,
    notices,
    undelivered,
    workspaces,
)
from service.store.channel_names import KnownChannel
from service.store.channels import ChannelState
from service.store.gaps import Gap
from service.store.habits import RuleWithHabit
from service.store.notices import StandingNotice
from service.store.undelivered import Dead, Waiting
from service.watch.condition import Condition
from service.watch.presence import trouble_with
from service.watch.running import Running, running

T = TypeVar("T")

_PATIENCE = 5.0  # seconds for Kafka to answer; what the database knows must not wait longer

Probe = Callable[[], str | None]
"""Says why nothing can be written to the database; None: it can."""


class Behind(Struct, frozen=True, kw_only=True):
    """How far the stages and the relay are behind; or why nobody can tell, which hides nothing of the database."""

    groups: Mapping[tuple[str, str], int]  # offsets, by group and topic
    relay: int | None  # events that are not on the log in use; None: nothing is relayed, or nobody can tell
    relayed: int | None  # the next event to go there
    unavailable: str | None  # why the log does not say; None: it does

    @property
    def stages(self) -> dict[str, int]:
        """How much each stage has before it."""
        found: dict[str, int] = {}
        for (group, _), count in self.groups.items():
            found[group] = found.get(group, 0) + count
        return found

    @property
    def counts(self) -> dict[str, int]:
        """How much each stage, and the relay, has before it."""
        return self.stages if self.relay is None else self.stages | {events.RELAY: self.relay}


def _once(read: Callable[["Look"], Awaitable[T]]) -> Callable[["Look"], Awaitable[T]]:
    """Keep what *read* finds for the rest of the look."""

    @wraps(read)
    async def kept(look: "Look") -> T:
        if read.__name__ not in look.found:
            look.found[read.__name__] = await read(look)
        found: T = look.found[read.__name__]
        return found

    return kept


class Look:
    """The service as it is at *now*, as far as somebody asks. Every question raises Unavailable where the database is.

    Without *probe*, a file is written beside a database of one machine.
    """

    def __init__(
        self,
        database: Database,
        log: Log,
        settings: Settings,
        now: datetime,
        probe: Probe | None = None,
    ) -> None:
        self.database = database
        self.settings = settings
        self.now = now
        self.conditions: tuple[Condition, ...] | None = None  # None: not looked for yet
        self.found: dict[str, Any] = {}
        self._log = log
        self._probe = probe

    @_once
    async def behind(self) -> Behind:
        """How far everything has been read."""
        groups: dict[tuple[str, str], int] = {}
        unavailable = None
        try:
            async with asyncio.timeout(_PATIENCE if self.settings.kafka else None):
                groups = {(group, topic.value): count for (group, topic), count in (await self._log.lag()).items()}
        except Unavailable as error:
            unavailable = str(error)
        except TimeoutError:
            place = f"{self.settings.kafka} (FILINGBELL_KAFKA)"
            unavailable = f"Kafka has not answered within {_PATIENCE:.0f} seconds at {place}"
        following = await self._log.relayed()
        relay = None if following is None else await events.count_from(self.database, following)
        return Behind(groups=groups, relay=relay, relayed=following, unavailable=unavailable)

    @_once
    async def marks(self) -> dict[str, datetime]:
        """Every instant that outlives a crash, by name."""
        return await marks.every(self.database)

    @_once
    async def newest(self) -> datetime | None:
        """The time of the newest filing that the feed showed; None: it has shown none."""
        return await filings.newest(self.database)

    @_once
    async def gaps(self) -> list[Gap]:
        """Where the feed could not be read back far enough, and no index has shown yet what is missing."""
        return await gaps.still_open(self.database)

    @_once
    async def unproven(self) -> tuple[int, int]:
        """Days still to be compared with the SEC's index; filings that it lists and that are not published."""
        return await day_records.unproven(self.database, self.settings.reconcile_at, self.now)

    @_once
    async def pending(self) -> dict[str, int]:
        """How many deliveries each channel is owed, by id; those that a digest tells are counted as well."""
        return await deliveries.pending(self.database)

    @_once
    async def channels(self) -> dict[str, KnownChannel]:
        """What the channels are that are owed something or have not taken it, by id."""
        concerned = {*await self.pending(), *(one.channel for one in await self.dead())}
        return await channel_names.known(self.database, concerned)

    @_once
    async def workspaces(self) -> dict[WorkspaceId, str]:
        """Their names, by id."""
        return {one.id: one.name for one in await workspaces.every(self.database)}

    @_once
    async def states(self) -> dict[str, ChannelState]:
        """Of every channel that was ever owed anything, by id."""
        return {one.channel: one for one in await channels.states(self.database)}

    @_once
    async def waiting(self) -> dict[str, Waiting]:
        """What each channel is owed, by id."""
        return await undelivered.waiting(self.database)

    @_once
    async def dead(self) -> list[Dead]:
        """What was given up and nobody has seen to."""
        return await undelivered.dead(self.database)

    @_once
    async def standing(self) -> list[StandingNotice]:
        """What was told and is not over yet."""
        return await notices.standing(self.database)

    @_once
    async def odd_rules(self) -> list[RuleWithHabit]:
        """The rules that behave as they did not before."""
        return await habits.told(self.database)

    @_once
    async def running(self) -> Running:
        """Which processes run, and which do not."""
        return await running(self.database, self.settings.roles, self.now)

    @_once
    async def trouble(self) -> str | None:
        """Why nothing can be written to the database; None: it can, as far as this machine can tell."""
        if self._probe is not None:
            return self._probe()
        file = self.database.file
        return None if file is None else await asyncio.to_thread(trouble_with, file.resolve().parent)
