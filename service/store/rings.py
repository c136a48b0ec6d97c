"""How often rules have rung, and when last."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import func, select

from service.model.filing import Accession
from service.model.identity import RuleId
from service.store.database import Database
from service.store.schema import messages, resources


class Rings(Struct, frozen=True, kw_only=True):
    """How often a rule has rung, of what the database keeps."""

    day: int = 0
    week: int = 0
    month: int = 0
    last: datetime | None = None  # None: never


class AlertsSince(Struct, frozen=True, kw_only=True):
    """From when on alerts are counted."""

    day: datetime
    week: datetime
    month: datetime


class RuleAlert(Struct, frozen=True, kw_only=True):
    """One alert of a rule."""

    id: str
    at: datetime
    accession: Accession


async def of(database: Database, rules: Collection[str], since: AlertsSince) -> dict[RuleId, Rings]:
    """How often each of *rules* has rung: one statement, which reads no more of an index than it counts."""
    mine = messages.c.rule_id == resources.c.id
    counts = (
        select(func.count()).where(mine, messages.c.created >= getattr(since, name)).scalar_subquery().label(name)
        for name in ("day", "week", "month")
    )
    last = select(func.max(messages.c.created)).where(mine).scalar_subquery().label("last")
    query = select(resources.c.id, *counts, last).where(resources.c.id.in_(rules))
    async with database.reading() as connection:
        return {
            RuleId(row.id): Rings(day=row.day, week=row.week, month=row.month, last=row.last)
            for row in await connection.execute(query)
        }


async def latest(database: Database, rule: RuleId, limit: int) -> list[RuleAlert]:
    """The last *limit* alerts of *rule*, the latest first."""
    query = (
        select(messages.c.id, messages.c.created, messages.c.accession)
        .where(messages.c.rule_id == rule)
        .order_by(messages.c.created.desc())
        .limit(limit)
    )
    async with database.reading() as connection:
        return [
            RuleAlert(id=row.id, at=row.created, accession=Accession(row.accession))
            for row in await connection.execute(query)
        ]
