"""Silences: which hold, who made them, and how much each of them has kept from being told."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row, bindparam, delete, exists, func, insert, select, update

from service.model.delivery import DeliveryState, Suppression
from service.model.identity import SilenceId, WorkspaceId
from service.model.silence import Matcher, Silence
from service.store.database import Database, Transaction
from service.store.deliveries import withheld
from service.store.schema import deliveries, silences

_NAMES = Silence.__struct_fields__
_COLUMNS = tuple(silences.c[name] for name in _NAMES)
_SUPPRESSED = (
    select(func.count())
    .where(deliveries.c.silence == silences.c.id, deliveries.c.state == DeliveryState.SUPPRESSED)
    .correlate(silences)
    .scalar_subquery()
    .label("suppressed")
)
_ACTIVE = (
    select(*_COLUMNS)
    .where(
        silences.c.workspace.in_(bindparam("workspaces", expanding=True)),
        silences.c.ends > bindparam("now", type_=silences.c.ends.type),
    )
    .order_by(silences.c.ends.desc(), silences.c.id)
)
_SILENCE = (
    update(deliveries)
    .where(
        deliveries.c.message == bindparam("b_message"),
        deliveries.c.channel == bindparam("b_channel"),
        deliveries.c.state == DeliveryState.PENDING,
    )
    .values(
        state=DeliveryState.SUPPRESSED,
        reason=Suppression.SILENCED,
        silence=bindparam("b_silence"),
        settled=bindparam("b_settled", type_=deliveries.c.settled.type),
        claimed=None,
        held_until=None,
        told_in=None,
    )
)


class Counted(Struct, frozen=True, kw_only=True):
    """A silence, and how many deliveries it keeps from being sent."""

    silence: Silence
    suppressed: int


class HoldingSilences(Struct, frozen=True, kw_only=True):
    """The silences that hold."""

    silences: int
    suppressed: int  # deliveries that are not sent for them


async def add(tx: Transaction, silence: Silence) -> None:
    """Let *silence* hold."""
    row = {name: getattr(silence, name) for name in _NAMES}
    await tx.execute(insert(silences), row | {"matcher": msgspec.to_builtins(silence.matcher)})


async def active(tx: Transaction, workspaces: Collection[WorkspaceId], now: datetime) -> list[Silence]:
    """Those of *workspaces* that hold at *now*, the longest first."""
    found = await tx.execute(_ACTIVE, {"workspaces": sorted(workspaces), "now": now})
    return [_silence(row) for row in found]


async def listed(
    database: Database, workspace: WorkspaceId, now: datetime, limit: int, *, ended: bool = False
) -> list[Counted]:
    """The latest of *workspace* that hold at *now*, and with *ended* those that do no more; the last to end first."""
    query = select(*_COLUMNS, _SUPPRESSED).where(silences.c.workspace == workspace)
    if not ended:
        query = query.where(silences.c.ends > now)
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(silences.c.ends.desc(), silences.c.id.desc()).limit(limit))
        return [Counted(silence=_silence(row), suppressed=row.suppressed) for row in rows]


async def holding(database: Database, now: datetime) -> HoldingSilences:
    """How many hold at *now*, whoever's they are, and how many deliveries they keep."""
    of = silences.c.ends > now
    query = select(func.count().label("silences"), func.coalesce(func.sum(_SUPPRESSED), 0).label("suppressed"))
    async with database.reading() as connection:
        row = (await connection.execute(query.select_from(silences).where(of))).one()
        return HoldingSilences(silences=row.silences, suppressed=int(row.suppressed))


async def find(where: Database | Transaction, workspace: WorkspaceId, silence: str) -> Counted | None:
    """The one of *workspace* with this id."""
    query = select(*_COLUMNS, _SUPPRESSED).where(silences.c.workspace == workspace, silences.c.id == silence)
    found: Sequence[Row[*tuple[Any, ...]]]
    if isinstance(where, Transaction):
        found = (await where.execute(query)).all()
    else:
        async with where.reading() as connection:
            found = (await connection.execute(query)).all()
    return next((Counted(silence=_silence(row), suppressed=row.suppressed) for row in found), None)


async def end(tx: Transaction, silence: SilenceId, by: str, now: datetime) -> None:
    """It holds no more from *now* on."""
    await tx.execute(update(silences).where(silences.c.id == silence).values(ends=now, ended_by=by))


async def suppress(tx: Transaction, kept: Sequence[tuple[str, str, SilenceId]], now: datetime) -> None:
    """Do not send the deliveries *kept* from being told, by message and channel, each by its silence."""
    rows = [
        {"b_message": message, "b_channel": channel, "b_silence": silence, "b_settled": now}
        for message, channel, silence in sorted(kept)
    ]
    if rows:
        await tx.execute(_SILENCE, rows)
        for row in rows:
            tx.tally(withheld(Suppression.SILENCED, str(row["b_channel"])))


async def forget(tx: Transaction, before: datetime, limit: int) -> int:
    """Forget up to *limit* that ended *before* and no delivery names; returns how many."""
    named = exists().where(deliveries.c.silence == silences.c.id)
    old = (await tx.execute(select(silences.c.id).where(silences.c.ends < before, ~named).limit(limit))).scalars().all()
    await tx.execute(delete(silences).where(silences.c.id.in_(old)))
    return len(old)


def _silence(row: Row[*tuple[Any, ...]]) -> Silence:
    found = {name: getattr(row, name) for name in _NAMES}
    return Silence(**found | {"matcher": msgspec.convert(row.matcher, Matcher)})
