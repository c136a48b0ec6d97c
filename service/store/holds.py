"""What quiet hours hold: deliveries that would be sent else, until a time that each of them has."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update

from service.store.claims import THIS, waits
from service.store.database import Transaction
from service.store.schema import deliveries

_HOLD = update(deliveries).where(*THIS).values(due=bindparam("b_until"), held_until=bindparam("b_until"))


async def hold(tx: Transaction, chosen: Collection[tuple[str, str]], until: datetime) -> None:
    """Send the *chosen* deliveries, by channel and id, no sooner than *until*, when their channel's quiet hours end."""
    rows = [{"b_message": message, "b_channel": channel, "b_until": until} for channel, message in sorted(chosen)]
    if rows:
        await tx.execute(_HOLD, rows)


async def held(tx: Transaction, now: datetime) -> set[tuple[str, datetime]]:
    """For which channels something is held, and until when."""
    holds = waits(), deliveries.c.held_until > now
    query = select(deliveries.c.channel, deliveries.c.held_until).where(*holds).distinct()
    return {(row.channel, row.held_until) for row in await tx.execute(query)}


async def let_go(tx: Transaction, channel: str, until: datetime) -> None:
    """What is held for *channel* until *until* is due now: its quiet hours are other ones than they were."""
    these = deliveries.c.channel == channel, waits()
    await tx.execute(
        update(deliveries)
        .where(*these, deliveries.c.held_until == until)
        .values(due=deliveries.c.created, held_until=None)
    )


async def put_right(
    tx: Transaction, channels: Collection[str], now: datetime, longest: timedelta, held: timedelta
) -> None:
    """What is due to *channels* later than *longest* from now was put off by a clock that was set back since: now.

    What quiet hours hold may wait longer: as long as *held*.
    """
    until = deliveries.c.held_until
    elsewise = or_(until.is_(None), until != deliveries.c.due, until > now + held)
    late = deliveries.c.channel.in_(channels), waits(), deliveries.c.due > now + longest, elsewise
    await tx.execute(update(deliveries).where(*late).values(due=deliveries.c.created, planned=None, held_until=None))
