"""What is owed to channels, and what is not and why: a row before anything is sent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update

from service.model.delivery import Decision, Obligation, State, Suppressed, Suppression
from service.model.identity import ChannelId
from service.store import digests, tallies
from service.store.database import Database, Transaction
from service.store.schema import NEXT, channel_states, deliveries

BELLS = "deliveries."
"""How the names of the channels' bells begin."""


def bell(channel: str) -> str:
    """The bell that rings when *channel* is owed something new."""
    return f"{BELLS}{channel}"


def received(channel: str) -> str:
    """The tally of what *channel* has received."""
    return f"{State.DELIVERED}.{channel}"


async def keep(tx: Transaction, decided: Sequence[tuple[str, Decision]], created: datetime) -> None:
    """Write what was *decided* of messages, by their ids; what was decided before stays.

    What comes together keeps its order.
    """
    together, rows = [], []
    digests_at: dict[str, datetime] = {}
    for place, (message, decision) in enumerate(decided):
        behind = timedelta(microseconds=place)  # oldest first is then the order in which they came
        match decision:
            case Obligation(digest=str(digest)):
                together.append((digest, decision.channel, message))
            case Obligation(joins=datetime() as at):
                row = _row(message, decision.channel, created + behind, due=at)
                rows.append(row | {"held_until": at, "told_in": NEXT, "beyond": decision.beyond})
                digests_at[decision.channel] = min(at, digests_at.get(decision.channel, at))
            case Obligation(held=datetime() as until):
                rows.append(_row(message, decision.channel, created + behind, due=until) | {"held_until": until})
            case Obligation(due=due):
                rows.append(_row(message, decision.channel, created + behind, due=due + behind))
            case Suppressed(reason=reason, silence=silence):
                rows.append(_row(message, decision.channel, created + behind, reason=reason) | {"silence": silence})
    await digests.collect(tx, together, created)
    if not rows:
        return
    await tx.add(deliveries, rows)
    owed = {row["channel"] for row in rows if row["state"] == State.PENDING}
    await know(tx, owed | {row["channel"] for row in rows if row["reason"] is Suppression.SILENCED})
    await know(tx, (row["channel"] for row in rows if row["reason"] is Suppression.REMOVED), missing_since=created)
    await expect(tx, digests_at)
    for channel in owed:
        tx.ring(bell(channel))


def _row(
    message: str, channel: ChannelId, at: datetime, *, due: datetime | None = None, reason: Suppression | None = None
) -> dict[str, Any]:
    return {
        "message": message,
        "channel": channel,
        "state": str(State.PENDING if reason is None else State.SUPPRESSED),
        "tries": 0,
        "steps": 0,
        "due": due or at,
        "created": at,
        "settled": None if reason is None else at,
        "reason": reason,
        "held_until": None,
        "told_in": None,
        "silence": None,
        "beyond": None,
    }


async def refuse(tx: Transaction, message: str, channel: str, reason: Suppression, now: datetime) -> None:
    """Do not send what waits: whoever wrote that it is owed was not us."""
    this = (deliveries.c.message == message, deliveries.c.channel == channel)
    gone = {"state": State.SUPPRESSED, "reason": reason, "settled": now, "claimed": None}
    await tx.execute(update(deliveries).where(*this).values(gone))


async def tell_in(tx: Transaction, digest: str, channel: ChannelId, told: Collection[str], at: datetime) -> None:
    """Owe to *channel* the messages *told* in the message *digest*: they settle when it does."""
    rows = [_row(message, channel, at) | {"told_in": digest} for message in told]
    if rows:
        await tx.add(deliveries, rows)


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
    received = await tallies.read(database, State.DELIVERED)
    found = {(channel, State.DELIVERED.value): count for channel, count in received.items()}
    for state in (State.PENDING, State.DEAD):
        found |= {(channel, state.value): count for channel, count in (await _standing(database, state)).items()}
    return found


async def pending(database: Database) -> dict[str, int]:
    """How many deliveries each channel is owed."""
    return await _standing(database, State.PENDING)


async def _standing(database: Database, state: State) -> dict[str, int]:
    """How many deliveries of each channel are in *state*: by way of the index, which begins with the channel."""
    mine = deliveries.c.channel == channel_states.c.channel, deliveries.c.state == state
    count = select(func.count()).where(*mine).scalar_subquery()
    async with database.reading() as connection:
        rows = await connection.execute(select(channel_states.c.channel, count))
        return {channel: count for channel, count in rows if count}
