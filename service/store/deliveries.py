"""What is owed to channels, and what is not and why: a row before anything is sent."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update

from service.model.delivery import Beyond, Decision, DeliveryState, HeldBy, Obligation, Suppressed, Suppression
from service.model.identity import ChannelId
from service.store import digests, tallies
from service.store.database import Database, Transaction
from service.store.schema import NEXT, channel_states, deliveries, literally

_COLUMNS = (  # of which something is known when a delivery is made; in the table's order
    *("message", "channel", "state", "tries", "steps", "due", "created", "settled", "reason"),
    *("told_in", "held_until", "beyond", "silence"),
)
_PENDING, _SUPPRESSED = str(DeliveryState.PENDING), str(DeliveryState.SUPPRESSED)

BELLS = "deliveries."
"""How the names of the channels' bells begin."""


def bell(channel: str) -> str:
    """The bell that rings when *channel* is owed something new."""
    return f"{BELLS}{channel}"


def received(channel: str) -> str:
    """The tally of what *channel* has received."""
    return f"{DeliveryState.DELIVERED}.{channel}"


def withheld(reason: Suppression, channel: str) -> str:
    """The tally of what *channel* was not told, or is not told any more, for *reason*."""
    return f"{DeliveryState.SUPPRESSED}.{reason}.{channel}"


async def keep(tx: Transaction, decided: Sequence[tuple[str, Decision]], created: datetime) -> None:
    """Write what was *decided* of messages, by their ids; what was decided before stays.

    What comes together keeps its order.
    """
    together, rows = list[tuple[str, str, str]](), list[tuple[Any, ...]]()
    digests_at: dict[str, datetime] = {}
    owed, known, missing = set[ChannelId](), set[ChannelId](), set[ChannelId]()
    for place, (message, decision) in enumerate(decided):
        at = created + timedelta(microseconds=place)  # oldest first is then the order in which they came
        channel = decision.channel
        match decision:
            case Obligation(digest=str(digest)):
                together.append((digest, channel, message))
                continue
            case Obligation(joins=datetime() as joined):
                beyond = decision.beyond
                rows.append(_row(tx, message, channel, at, due=joined, held=joined, told_in=NEXT, beyond=beyond))
                digests_at[channel] = min(joined, digests_at.get(channel, joined))
            case Obligation(held=datetime() as until):
                rows.append(_row(tx, message, channel, at, due=until, held=until))
            case Obligation(due=due):
                rows.append(_row(tx, message, channel, at, due=due + timedelta(microseconds=place)))
            case Suppressed(reason=reason, silence=silence):
                rows.append(_row(tx, message, channel, at, reason=reason, silence=silence))
                tx.tally(withheld(reason, channel))
                known |= {channel} if reason is Suppression.SILENCED else set()
                missing |= {channel} if reason is Suppression.REMOVED else set()
                continue
        owed.add(channel)
    await digests.collect(tx, together, created)
    await tx.load(deliveries, rows, _COLUMNS)
    await know(tx, owed | known)
    await know(tx, missing, missing_since=created)
    await expect(tx, digests_at)
    for channel in owed:
        tx.ring(bell(channel))


def _row(
    tx: Transaction,
    message: str,
    channel: str,
    at: datetime,
    *,
    due: datetime | None = None,
    reason: Suppression | None = None,
    told_in: str | None = None,
    held: datetime | None = None,
    beyond: Beyond | None = None,
    silence: str | None = None,
) -> tuple[Any, ...]:
    """What is owed from *due* on (None: from the start), or with a *reason* is not; in the order of the columns."""
    made = tx.instant(at)
    return (
        tx.id(message),
        tx.id(channel),
        _PENDING if reason is None else _SUPPRESSED,
        0,
        0,
        made if due is None else tx.instant(due),
        made,
        None if reason is None else made,
        None if reason is None else str(reason),
        None if told_in is None else tx.id(told_in),
        tx.instant(held),
        None if beyond is None else str(beyond),
        None if silence is None else tx.id(silence),
    )


async def refuse(tx: Transaction, message: str, channel: str, reason: Suppression, now: datetime) -> None:
    """Do not send what waits: whoever wrote that it is owed was not us."""
    this = (deliveries.c.message == message, deliveries.c.channel == channel)
    gone = {"state": DeliveryState.SUPPRESSED, "reason": reason, "settled": now, "claimed": None}
    await tx.execute(update(deliveries).where(*this).values(gone))
    tx.tally(withheld(reason, channel))


async def tell_in(tx: Transaction, digest: str, channel: ChannelId, told: Collection[str], at: datetime) -> None:
    """Owe to *channel* the messages *told* in the message *digest*: they settle when it does."""
    await tx.load(deliveries, [_row(tx, message, channel, at, told_in=digest) for message in told], _COLUMNS)


async def expect(tx: Transaction, dues: Mapping[str, datetime]) -> None:
    """Something waits for a digest of each of these channels, which is due then or, as it stands, sooner."""
    if dues:
        await tx.execute(_EXPECT, [{"which": channel, "at": at} for channel, at in sorted(dues.items())])


_AT = bindparam("at", type_=channel_states.c.digest_at.type)
_EXPECT = (
    update(channel_states)
    .where(
        channel_states.c.channel == bindparam("which"),
        or_(channel_states.c.digest_at.is_(None), channel_states.c.digest_at > _AT),
    )
    .values(digest_at=_AT)
)


async def know(tx: Transaction, channels: Iterable[str], missing_since: datetime | None = None) -> None:
    """Give each of *channels* its state, if it has none."""
    state = {"failures": 0, "missing_since": missing_since}
    rows = [{"channel": channel, **state} for channel in sorted(set(channels))]
    if rows:
        await tx.add(channel_states, rows)


async def counts(database: Database) -> dict[tuple[str, str], int]:
    """How many deliveries are pending and dead, and how many were ever received, by channel and state."""
    received = await tallies.read(database, DeliveryState.DELIVERED)
    found = {(channel, DeliveryState.DELIVERED.value): count for channel, count in received.items()}
    for state in (DeliveryState.PENDING, DeliveryState.DEAD):
        found |= {(channel, state.value): count for channel, count in (await _standing(database, state)).items()}
    return found


async def all_withheld(database: Database) -> dict[tuple[str, str], int]:
    """How much each channel was ever not told, by channel and reason."""
    found = {}
    for name, count in (await tallies.read(database, DeliveryState.SUPPRESSED)).items():
        reason, _, channel = name.partition(".")
        found[channel, reason] = count
    return found


async def held(database: Database, channels: Collection[str]) -> dict[tuple[str, str], int]:
    """How much of what *channels* are owed is held, by channel and what holds it."""
    columns = deliveries.c.channel, deliveries.c.told_in, deliveries.c.beyond
    waits = deliveries.c.channel.in_(channels), literally(deliveries.c.state, DeliveryState.PENDING)
    until = deliveries.c.held_until.is_not(None), deliveries.c.held_until == deliveries.c.due
    of_its_own = or_(deliveries.c.told_in.is_(None), deliveries.c.told_in == NEXT)
    query = select(*columns, func.count().label("many")).where(*waits, *until, of_its_own).group_by(*columns)
    found: Counter[tuple[str, str]] = Counter()
    async with database.reading() as connection:
        for row in await connection.execute(query):
            found[row.channel, _holding(row.told_in, row.beyond)] += row.many
    return found


def _holding(told_in: str | None, beyond: str | None) -> HeldBy:
    if told_in is None:
        return HeldBy.QUIET
    if beyond is None:
        return HeldBy.DIGEST
    return HeldBy.RULE if beyond == Beyond.RULE else HeldBy.CHANNEL


async def pending(database: Database) -> dict[str, int]:
    """How many deliveries each channel is owed."""
    return await _standing(database, DeliveryState.PENDING)


async def _standing(database: Database, state: DeliveryState) -> dict[str, int]:
    """How many deliveries of each channel are in *state*: by way of the index, which begins with the channel."""
    mine = deliveries.c.channel == channel_states.c.channel, deliveries.c.state == state
    count = select(func.count()).where(*mine).scalar_subquery()
    async with database.reading() as connection:
        rows = await connection.execute(select(channel_states.c.channel, count))
        return {channel: count for channel, count in rows if count}
