"""Tells channels together what was gathered for them: at the times of their digests, each time once."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import structlog

from consumers.dispatcher.digest import DigestContents, digest_id, digest_message, of_a_channel
from consumers.dispatcher.quiet import hours_of, quiet
from consumers.dispatcher.silence import covering
from consumers.dispatcher.timetable import LONGEST, timetable_of
from service.model.alert import Alert
from service.model.delivery import Beyond, Obligation
from service.model.identity import ChannelId, Revision
from service.model.resource import Resource, ResourceKind
from service.store import Database, Transaction, deliveries, gathered, messages, resources, silences
from service.store.gathered import HeldAlert
from service.wire import decode
from service.words import counted, eastern

_READ = 200  # alerts of a digest that are read; of more than it names anyway
_CHUNK = 500  # bodies in one statement

log = structlog.get_logger()


class Digests:
    """Makes the digests that are due.

    When the next one of a channel is due stands with the channel's state, and what it tells are the deliveries that
    wait for it. Both change in the transaction that makes it: whoever dies has made it or not, and none is made twice.
    What is to be told in one that was missed is told in the next look; of digests that would have been empty, one.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], site: str | None) -> None:
        self._database = database
        self._clock = clock
        self._site = site
        self._seen: Revision | None = None  # what channels asked for then is settled

    async def look(self) -> None:
        """Make those that are due; raises Unavailable where the database is."""
        await self._settle()
        for channel in await gathered.due(self._database, self._clock()):
            await self._tell(channel)

    async def _settle(self) -> None:
        """Let what waits for a digest wait for the one that its channel asks for now."""
        revision = await resources.revision(self._database)
        if revision == self._seen:
            return
        known = None if self._seen is None else await resources.since(self._database, self._seen)
        every = (
            (await resources.every(self._database, kind=ResourceKind.CHANNEL))[1] if known is None else known.changed
        )
        changed = {one.id: one for one in every if one.kind is ResourceKind.CHANNEL and one.removed is None}
        times = await gathered.times(self._database)
        now = self._clock()
        for channel in changed.values():
            if _is_other(channel, times.get(channel.id), now):
                async with self._database.transaction() as tx:
                    await self._put(tx, channel)
        self._seen = revision

    async def _put(self, tx: Transaction, channel: Resource) -> None:
        await deliveries.know(tx, [channel.id])
        at, now, timetable = await gathered.locked(tx, channel.id), self._clock(), timetable_of(channel)
        following = timetable.after(now) if timetable is not None else None
        if at is not None and at <= now:
            return  # it is due, whatever is asked for from now on
        if await gathered.first(tx, channel.id) is None:
            await gathered.put(tx, channel.id, following if _tells_of_none(channel) else None)
        elif following is not None and following != at:
            await gathered.put_off(tx, channel.id, following)
            await gathered.put(tx, channel.id, following)
        elif following is None and _most(channel) is None:
            await gathered.let_go(tx, channel.id)
            await gathered.put(tx, channel.id, await gathered.first(tx, channel.id))
            tx.ring(deliveries.bell(channel.id))

    async def _tell(self, channel: str) -> None:
        """One message with all that waits for the digest of *channel* that is due."""
        now = self._clock()
        async with self._database.transaction() as tx:
            due = await gathered.locked(tx, channel)
            addressee = (await resources.by_id(tx, [channel]))[channel]
            if due is None or due > now or not addressee.enabled or addressee.removed is not None:
                return  # another worker was here first; or what waits goes once the channel is enabled, or is moved
            held = await self._wanted(tx, addressee, await gathered.held(tx, channel, now), now)
            if held or (_tells_of_none(addressee) and now - due < LONGEST):
                await self._owe(tx, addressee, held, due, now)
            await gathered.put(tx, channel, await _following(tx, addressee, now))

    async def _wanted(
        self, tx: Transaction, channel: Resource, held: list[HeldAlert], now: datetime
    ) -> list[HeldAlert]:
        """What of *held* no silence covers that somebody has made since."""
        active = await silences.active(tx, [channel.workspace], now)
        since = {one.message: [found for found in active if found.created >= one.created] for one in held}
        meant = [one.message for one in held if since[one.message] and not one.again]
        kept = {alert.id: by for alert in await _alerts(tx, meant) if (by := covering(alert, since.get(alert.id, ())))}
        await silences.suppress(tx, [(message, channel.id, by) for message, by in kept.items()], now)
        return [one for one in held if one.message not in kept]

    async def _owe(
        self, tx: Transaction, channel: Resource, held: list[HeldAlert], due: datetime, now: datetime
    ) -> None:
        key = f"channel/{channel.id}"
        digest = digest_id(key, now)
        await gathered.join(tx, channel.id, digest, now)
        rules = sorted((await gathered.rules(tx, digest, channel.id)).items(), key=lambda one: (-one[1], one[0]))
        told = DigestContents(
            key=key,
            title=_title(channel, held, [name for name, _ in rules], due),
            alerts=len(held),
            count=len({(one.rule, one.trade) for one in held}),
            rules=rules,
            listed=f"filingbell deliveries list --digest {digest}",
            page=f"{self._site}/deliveries?digest={digest}" if self._site else None,
        )
        notice = of_a_channel(await _alerts(tx, [one.message for one in held[:_READ]]), told, now)
        await messages.keep(tx, [digest_message(notice, channel.workspace)], now)
        owed = quiet(Obligation(channel=ChannelId(channel.id), due=now), hours_of(channel))
        await deliveries.keep(tx, [(notice.id, owed)], now)
        log.info("digest_owed", digest=notice.id, channel=channel.name, alerts=len(held))


def _is_other(channel: Resource, at: datetime | None, now: datetime) -> bool:
    """Whether the next digest of *channel*, due *at* that time (None: none is), may have to be at another."""
    if at is None:
        return _tells_of_none(channel)
    timetable = timetable_of(channel)
    return at > now and (_most(channel) is None if timetable is None else at != timetable.after(now))


async def _following(tx: Transaction, channel: Resource, now: datetime) -> datetime | None:
    """When the next digest of *channel* is due; None: when something waits for one."""
    timetable = timetable_of(channel)
    empty = timetable.after(now) if timetable is not None and _tells_of_none(channel) else None
    waits = await gathered.first(tx, channel.id)
    return min((one for one in (empty, waits) if one is not None), default=None)


async def _alerts(tx: Transaction, ids: list[str]) -> list[Alert]:
    """The alerts *ids* in their order, without those that are kept no more or cannot be read."""
    found: dict[str, bytes] = {}
    for start in range(0, len(ids), _CHUNK):
        found |= await messages.values(tx, ids[start : start + _CHUNK])
    return list(_read(found[one] for one in ids if one in found))


def _read(values: Iterable[bytes]) -> Iterable[Alert]:
    for value in values:
        try:
            yield decode(value, Alert)
        except Exception:
            log.exception("alert_unreadable")


def _title(channel: Resource, held: Sequence[HeldAlert], rules: Sequence[str], due: datetime) -> str:
    """Why *held*, which *rules* found, is told together."""
    if timetable_of(channel) is not None:
        return f"Digest of {eastern(due)}"
    if held and all(one.beyond is Beyond.RULE for one in held):
        whose = f"the maximum of {rules[0]}" if len(rules) == 1 else "the maximum of their rules"
        return f"Beyond {whose} in an hour"
    most = _most(channel)
    return f"More than {counted(most, 'message')} in an hour" if most else f"Digest of {eastern(due)}"


def _tells_of_none(channel: Resource) -> bool:
    """Whether *channel* is to be told that there was nothing to tell."""
    return channel.enabled and channel.section.get("digest_when_empty") is True and timetable_of(channel) is not None


def _most(channel: Resource) -> int | None:
    """How many messages *channel* takes an hour; None: there is no bound."""
    most = channel.section.get("max_per_hour")
    return int(most) if isinstance(most, int | float) else None
