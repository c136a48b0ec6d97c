"""What is under way of trades while further alerts on them come due: in flight, or to be tried again."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Column, Select, bindparam, select, union_all

from service.store.claims import at, unclaimed, waits
from service.store.database import Transaction
from service.store.schema import deliveries, messages


class UnderWay(Struct, frozen=True, kw_only=True):
    """A delivery that is yet to arrive, on the trade that another one to its channel tells of by the same rule."""

    message: str  # its id
    channel: str
    beside: tuple[str, str]  # the other: its channel, which is the same, and its id
    flying: bool  # somebody is sending it
    due: datetime
    held: datetime | None  # quiet hours hold or held it until then; None: none did
    tries: int
    reason: str | None  # why the last try failed; None: there was none

    @property
    def key(self) -> tuple[str, str]:
        """Its channel and id."""
        return self.channel, self.message


async def of_trades(tx: Transaction, others: Collection[tuple[str, str]], now: datetime) -> list[UnderWay]:
    """What is under way beside each of *others*, by channel and id."""
    keys = set(others)
    names = {"others": sorted({message for _, message in keys}), "channels": sorted({one for one, _ in keys})}
    return [
        UnderWay(
            message=row.message,
            channel=row.channel,
            beside=(row.channel, row.beside),
            flying=not row.idle,
            due=row.due,
            held=row.held_until,
            tries=row.tries,
            reason=row.reason,
        )
        for row in await tx.execute(_UNDER_WAY, at(now) | names)
        if (row.channel, row.beside) in keys
    ]


_MINE, _THEIRS = messages.alias("mine"), messages.alias("theirs")


def _same(of: Column[str]) -> Select[tuple[str, str]]:
    return (
        select(_MINE.c.id.label("beside"), _THEIRS.c.id.label("message"))
        .join(_THEIRS, (_THEIRS.c.rule_id == _MINE.c.rule_id) & (of == _MINE.c.trade))
        .where(_MINE.c.id.in_(bindparam("others", expanding=True)), _THEIRS.c.id != _MINE.c.id)
    )


_PAIRS = union_all(_same(_THEIRS.c.accession), _same(_THEIRS.c.trade)).subquery()  # both by way of an index
_UNDER_WAY = (
    select(
        *(deliveries.c[name] for name in ("message", "channel", "due", "held_until", "tries", "reason")),
        _PAIRS.c.beside,
        unclaimed(deliveries).label("idle"),
    )
    .join(deliveries, deliveries.c.message == _PAIRS.c.message)
    .where(deliveries.c.channel.in_(bindparam("channels", expanding=True)), waits())
)
