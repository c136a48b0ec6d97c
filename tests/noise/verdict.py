"""Whether what was played adds up, and kept to what channels ask for."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from consumers.dispatcher.timetable import Timetable
from service.model.delivery import DeliveryState, Suppression
from service.model.message import MessageKind
from service.store import Database, channels
from service.store.schema import deliveries, messages
from tests.noise.plan import AChannel, ASilence, Plan
from tests.noise.play import Played, Rang, Taken, channel_id

HOUR = timedelta(hours=1)
ENDS = ("sent", "waiting", "held", "silenced", "disabled", "dead")


async def counted(database: Database, plan: Plan, now: datetime) -> Counter[str]:
    """How many of what matched have come to which end, each to one; a channel is disabled by people, or for failing."""
    disabled: set[str] = {channel_id(one.name) for one in plan.channels if not one.enabled(now)}
    disabled |= {one.channel for one in await channels.states(database) if one.disabled_since is not None}
    columns = deliveries.c.state, deliveries.c.reason, deliveries.c.held_until, deliveries.c.channel
    query = select(*columns).join(messages, messages.c.id == deliveries.c.message)
    async with database.reading() as connection:
        rows = await connection.execute(query.where(messages.c.kind == MessageKind.ALERT))
        return Counter(_end(row, row.channel in disabled, now) for row in rows)


def _end(row: object, disabled: bool, now: datetime) -> str:
    state, reason, held = (getattr(row, name) for name in ("state", "reason", "held_until"))
    if state == DeliveryState.DELIVERED:
        return "sent"
    if state == DeliveryState.DEAD:
        return "dead"
    if state == DeliveryState.SUPPRESSED:
        return "silenced" if reason == Suppression.SILENCED else str(reason)
    if disabled:
        return "disabled"
    return "held" if held is not None and held > now else "waiting"


async def sent(database: Database) -> dict[tuple[str, str], str | None]:
    """Which alerts were delivered to which channel, and the digest that told each; None: it came by itself."""
    columns = deliveries.c.message, deliveries.c.channel, deliveries.c.told_in
    query = select(*columns).join(messages, messages.c.id == deliveries.c.message)
    alerts = messages.c.kind == MessageKind.ALERT, deliveries.c.state == DeliveryState.DELIVERED
    async with database.reading() as connection:
        return {(row.message, row.channel): row.told_in for row in await connection.execute(query.where(*alerts))}


def wrong(plan: Plan, played: Played, delivered: dict[tuple[str, str], str | None], step: timedelta) -> Iterator[str]:
    """Everything that a channel was told, or was not, against what it asks for, where looks are a *step* apart."""
    known = {one.name: one for one in plan.channels}
    by_channel: dict[str, list[Taken]] = defaultdict(list)
    for one in played.taken:
        by_channel[one.channel].append(one)
    came = Counter((each, channel_id(one.channel)) for one in played.taken for each in one.ids)
    yield from (f"{key} came {times} times" for key, times in came.items() if times > 1)
    told_in: dict[str, list[str]] = defaultdict(list)
    for (message, channel), digest in delivered.items():
        if digest:
            told_in[digest].append(message)
        if (digest or message, channel) not in came:
            yield f"{message} counts as sent to {channel}, and never came"
    for name, taken in by_channel.items():
        yield from _disturbed(known[name], taken, played)
        yield from _too_many(known[name], taken, played)
        yield from _not_together(known[name], taken, played)
        yield from _mixed(taken, played)
        yield from _silenced(plan, known[name], taken, played, told_in)
    yield from (fault for one in plan.channels for fault in _empty(plan, one, by_channel[one.name], step))


def _alert(one: Taken, played: Played) -> Rang | None:
    """The alert that came by itself."""
    return played.rang[one.ids[0]] if one.kind is MessageKind.ALERT else None


def _disturbed(channel: AChannel, taken: list[Taken], played: Played) -> Iterator[str]:
    if "quiet" not in channel.section:
        return
    hours, zone = channel.section["quiet"].split()
    start, end = hours.split("-")
    for one in taken:
        clock = f"{one.at.astimezone(ZoneInfo(zone)):%H:%M}"
        is_quiet = start <= clock < end if start < end else clock >= start or clock < end
        alert = _alert(one, played)
        if is_quiet and not (alert and alert.rule.urgent):
            yield f"{channel.name} was told at {clock}, within {channel.section['quiet']}"


def _too_many(channel: AChannel, taken: list[Taken], played: Played) -> Iterator[str]:
    most = channel.section.get("max_per_hour")
    if most is None:
        return
    for number, one in enumerate(taken):
        alert = _alert(one, played)
        if alert is None or alert.rule.urgent:
            continue
        before = sum(each.at > one.at - HOUR for each in taken[:number])
        if before >= most:
            yield f"{channel.name} was told of {before + 1} in an hour, not {most}"


def _not_together(channel: AChannel, taken: list[Taken], played: Played) -> Iterator[str]:
    if "digest" not in channel.section or channel.loses is not None:
        return
    for one in taken:
        alert = _alert(one, played)
        if alert is not None and not alert.rule.urgent:
            yield f"{channel.name} was told of {one.ids} by itself, at {one.at}"


def _mixed(taken: list[Taken], played: Played) -> Iterator[str]:
    for one in taken:
        trades = {played.rang[each].trade for each in one.ids if each in played.rang}
        if len(trades) > 1:
            yield f"{one.channel} was told of {len(trades)} trades in one message"


def _silenced(
    plan: Plan, channel: AChannel, taken: list[Taken], played: Played, told_in: dict[str, list[str]]
) -> Iterator[str]:
    """A digest that is held or tried again was made before, maybe before somebody silenced what it tells."""
    at_once = not channel.failing and not channel.disabled and "quiet" not in channel.section
    for one in taken:
        for name in (*(each for each in one.ids if each in played.rang), *told_in.get(one.ids[0], ())):
            alert = played.rang[name]
            at = (alert.at, one.at) if one.kind is MessageKind.ALERT or at_once else (alert.at,)
            for silence in plan.silences:
                if _covers(silence, alert) and any(silence.start <= each < silence.end for each in at):
                    yield f"{name} was told at {one.at}, though {silence}"


def _covers(silence: ASilence, alert: Rang) -> bool:
    return silence.rule == alert.rule.number or silence.ticker == alert.ticker


def _empty(plan: Plan, channel: AChannel, taken: list[Taken], step: timedelta) -> Iterator[str]:
    """A channel that is to be told that there was nothing, and that nothing hinders, is told at each of its times."""
    section = channel.section
    hindered = channel.failing or channel.disabled or channel.loses or "quiet" in section
    if not section.get("digest_when_empty") or hindered:
        return
    timetable, at, times = Timetable.parse(section["digest"]), plan.start, []
    while (at := timetable.after(at)) <= plan.end - step:
        times.append(at.astimezone(UTC))
    told = [one.at for one in taken if one.kind is MessageKind.DIGEST]
    late = [at for at in times if not any(at <= one < at + 4 * step for one in told)]  # workers die
    if late:
        yield f"{channel.name} was told nothing at {late}"
    if "max_per_hour" not in section and len([one for one in told if one < plan.end]) > len(times) + 1:
        yield f"{channel.name} was told {len(told)} digests, at {len(times)} times"
