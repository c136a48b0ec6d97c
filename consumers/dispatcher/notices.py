"""Owes notices to the channels for operations, and tells alerts on the past together."""

from collections.abc import Callable
from datetime import datetime

import structlog

from consumers.dispatcher.digest import digest_message, of_the_past
from consumers.dispatcher.digests import Digests
from consumers.dispatcher.quiet import hours_of, quiet
from consumers.dispatcher.route import addressed
from service.model.alert import Alert
from service.model.delivery import Decision, Obligation, Suppressed, Suppression
from service.model.identity import DEFAULT, ChannelId
from service.model.notice import NOT_TAKING, OF_CHANNELS, OF_RULES, Notice
from service.model.resource import Resource
from service.store import (
    Database,
    Transaction,
    backfills,
    deliveries,
    digests,
    messages,
    notices,
    resources,
    workspaces,
)
from service.vitals import Vitals
from service.wire import decode

_LOOK = 5.0  # seconds between looks for what nobody rang for

log = structlog.get_logger()


class Notices:
    """Owes each notice once to each channel for operations, and makes digests: those of the past once they are whole.

    What is about a workspace's channel or rule is told to that workspace alone; what is about the service, to the
    default one. That a rule behaves as it did not before is told to its own channels too.
    """

    def __init__(
        self, database: Database, clock: Callable[[], datetime], vitals: Vitals, site: str | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._vitals = vitals
        self._bell = database.bell(notices.NEW)
        self._digests = Digests(database, clock, site)

    async def run(self) -> None:
        """Owe without end; raises Unavailable where the database is."""
        while True:
            self._vitals.beat("notices")
            self._bell.clear()
            await self._owe()
            active = {one.digest for one in await backfills.active(self._database) if one.digest}
            for name, channel in await digests.ripe(self._database, self._clock(), active):
                await self._digest(name, channel)
            await self._digests.look()
            await self._bell.wait(_LOOK)

    async def _owe(self) -> None:
        waiting = await notices.unowed(self._database)
        if not waiting:
            return
        async with self._database.transaction() as tx:
            taken = await notices.owe(tx, waiting)
            subjects = await resources.by_id(tx, {one.subject for one in taken})
            decided = []
            for one in taken:
                decided += [(one.id, each) for each in await self._decisions(tx, one, subjects.get(one.subject))]
            await deliveries.keep(tx, decided, self._clock())

    async def _decisions(self, tx: Transaction, one: Notice, subject: Resource | None) -> list[Decision]:
        """What becomes of a notice for each channel for operations of the workspace, and for those of a rule."""
        workspace = DEFAULT if subject is None else subject.workspace
        told = await workspaces.operations(tx, workspace)
        if one.kind in OF_RULES and subject is not None:
            told = tuple(dict.fromkeys((*told, *subject.section.get("channels", ()))))
        channels, now = await resources.by_id(tx, told), self._clock()
        named = [channels[channel] for channel in _told(one, told)]
        return [_taking(one, quiet(addressed(channel, workspace, now), hours_of(channel))) for channel in named]

    async def _digest(self, name: str, channel: str) -> None:
        """One message with every alert that *channel* is owed under *name*."""
        now = self._clock()
        async with self._database.transaction() as tx:
            taken = await digests.take(tx, name, channel)
            if not taken:
                return  # another worker was here first
            notice = of_the_past(name, channel, [decode(value, Alert) for value in taken.values()], now)
            addressee = (await resources.by_id(tx, [channel]))[channel]
            await messages.keep(tx, [digest_message(notice, addressee.workspace)], now)
            owed = quiet(Obligation(channel=ChannelId(channel), due=now), hours_of(addressee))
            await deliveries.keep(tx, [(notice.id, owed)], now)
            await deliveries.tell_in(tx, notice.id, ChannelId(channel), taken, now)
        log.info("digest_owed", digest=name, channel=channel, alerts=len(taken))


def _told(notice: Notice, channels: tuple[str, ...]) -> tuple[str, ...]:
    """Who is to be told: a channel tells nothing of itself, unless there is no other."""
    others = tuple(channel for channel in channels if channel != notice.subject)
    return others if notice.kind in OF_CHANNELS and others else channels


def _taking(notice: Notice, decision: Decision) -> Decision:
    """*decision*, but that nothing goes by way of a channel that does not take what it is owed to say so."""
    if notice.kind in NOT_TAKING and not notice.cleared and decision.channel == notice.subject:
        return Suppressed(channel=decision.channel, reason=Suppression.ITSELF)
    return decision
