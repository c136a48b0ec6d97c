"""The role that tells channels of alerts, and watches over the whole service."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cached_property, partial

from consumers.dispatcher.channelbook import ChannelBook, changed, channelbook
from consumers.dispatcher.door import doors
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.notices import Notices
from consumers.dispatcher.schedule import Apart, RetrySchedule
from consumers.dispatcher.sender import Sender
from consumers.dispatcher.step import DispatcherStep
from consumers.following import Following
from service.clock import now
from service.control.habits import Habits
from service.control.preparing import Preparing
from service.housekeeping import Housekeeping
from service.model.identity import Revision
from service.model.resource import Resource
from service.runtime.ground import Ground
from service.runtime.leader import Leader
from service.runtime.roles import Loops
from service.store.resources import Since
from service.vault import Vault, open_vault
from service.watch.watch import Watch


def loops(ground: Ground) -> Loops:
    """Alerts become deliveries, by the channels of the database as they stand and as they change."""
    database, vitals = ground.database, ground.vitals
    sending = _Sending(ground)
    yield "dispatcher", partial(ground.stage, DispatcherStep(now, own=ground.settings.broker is None))
    yield "channels", sending.channels.run
    yield "sender", sending.run
    yield "notices", Notices(database, now, vitals, ground.settings.site).run
    watch = Leader("watch", database, now, vitals)
    yield "watch", partial(watch.run, partial(_watch, ground))


async def _watch(ground: Ground) -> None:
    settings, database, clock, vitals = ground.settings, ground.database, ground.clock, ground.vitals
    async with asyncio.TaskGroup() as group:
        watch = Watch(settings, database, ground.events, clock, vitals, ground.probe)
        group.create_task(watch.run(), name="watch")
        group.create_task(Housekeeping(settings, database, clock, vitals).run(), name="housekeeping")
        group.create_task(Habits(database, clock, vitals).run(), name="habits")
        group.create_task(Preparing(database, clock, vitals).run(), name="preparing")


class _Sending:
    """The sender, and the channels that it follows."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.channels = Following("channels", ground.database, self._book, ground.vitals, self._changed)

    async def run(self) -> None:
        await self.channels.load()
        settings = self._ground.settings
        schedule = RetrySchedule()
        if settings.retry_seconds is not None:
            schedule = RetrySchedule(delays=tuple(timedelta(seconds=seconds) for seconds in settings.retry_seconds))
        async with doors(settings.egress) as opened:
            guard = Guard(opened, now, self._ground.hiding, settings.way)
            database, vitals = self._ground.database, self._ground.vitals
            sender = Sender(self.channels, guard, database, schedule, now, Apart(), vitals)
            await sender.run()

    @cached_property
    def _vault(self) -> Vault:
        """The vault as it was first opened: a key file that is lost meanwhile takes no channel away."""
        settings = self._ground.settings
        return open_vault(settings.home, settings.vault_key)

    def _book(self, revision: Revision, resources: Sequence[Resource]) -> ChannelBook:
        made = channelbook(self._vault, self._ground.settings.http_trusted)(revision, resources)
        return self._learnt(made, resources)

    def _changed(self, book: ChannelBook, since: Since) -> ChannelBook:
        made = changed(self._vault, self._ground.settings.http_trusted)(book, since)
        return self._learnt(made, since.changed)

    def _learnt(self, book: ChannelBook, resources: Iterable[Resource]) -> ChannelBook:
        """*book*, whose secrets no log shows from now on."""
        self._ground.hiding.learn(book.secrets, [one.name for one in resources])
        return book
