"""What is usual for a rule, by its past: how often it rings, and how often it cannot be told whether it is met."""

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Row, ScalarSelect, Select, delete, func, or_, select

from service.model.identity import Revision, RuleId, WorkspaceId
from service.model.resource import ResourceKind
from service.store.database import Database, Transaction
from service.store.schema import messages, resources, rule_habits


class RuleHabit(Struct, frozen=True, kw_only=True):
    """What is usual for a rule, and what is not."""

    rule: RuleId
    revision: Revision  # of the rule that was held against the past
    looked: datetime
    usual: timedelta | None  # between two alerts; None: too few to tell
    silent: datetime | None = None  # it has been silent for too long, since then; None: it has not
    unsure: datetime | None = None  # since when more is unknown than before; None: it is not so
    before: int | None = None  # of 100 filings that it would have rung for or that are unknown: these, before
    lately: int | None = None  # and lately
    claim: str | None = None  # what is unknown most often lately


class RuleWithHabit(Struct, frozen=True, kw_only=True):
    """A rule, and whether it behaves as it did before."""

    habit: RuleHabit
    name: str
    workspace: WorkspaceId
    last: datetime | None  # its last alert; None: none is kept


class Due(Struct, frozen=True, kw_only=True):
    """A rule that is to be looked at."""

    rule: RuleId
    workspace: WorkspaceId
    revision: Revision
    created: datetime
    last: datetime | None  # its last alert; None: none is kept
    habit: RuleHabit | None  # as it was found before; None: never, or of the rule as it stood before


_RULE, _HABIT = resources.c, rule_habits.c
_STANDS = _RULE.kind == ResourceKind.RULE, _RULE.removed.is_(None), _RULE.enabled


def _last() -> ScalarSelect[datetime]:
    return select(func.max(messages.c.created)).where(messages.c.rule_id == _RULE.id).scalar_subquery()


async def due(database: Database, before: datetime, limit: int) -> list[Due]:
    """Up to *limit* enabled rules that were not looked at since *before*, or not as they stand; new ones first."""
    stale = or_(_HABIT.rule.is_(None), _HABIT.revision != _RULE.revision, _HABIT.looked < before)
    wanted = select(_RULE.id).outerjoin(rule_habits, _HABIT.rule == _RULE.id).where(*_STANDS, stale)
    first = wanted.order_by(_HABIT.looked.is_(None).desc(), _HABIT.looked).limit(limit)
    query = (
        select(
            _RULE.id, _RULE.workspace, _RULE.revision.label("stands"), _RULE.created, _last().label("last"), rule_habits
        )
        .outerjoin(rule_habits, _HABIT.rule == _RULE.id)
        .where(_RULE.id.in_(first.subquery().select()))
        .order_by(_HABIT.looked.is_(None).desc(), _HABIT.looked, _RULE.id)
    )
    async with database.reading() as connection:
        return [_due(row) for row in await connection.execute(query)]


def _due(row: Row[tuple[object, ...]]) -> Due:
    return Due(
        rule=RuleId(row.id),
        workspace=row.workspace,
        revision=Revision(row.stands),
        created=row.created,
        last=row.last,
        habit=_habit(row) if row.rule is not None and row.revision == row.stands else None,
    )


async def keep(tx: Transaction, habit: RuleHabit) -> None:
    """Keep *habit* in place of what was known of the rule."""
    row = {name: getattr(habit, name) for name in RuleHabit.__struct_fields__}
    row["usual"] = None if habit.usual is None else round(habit.usual.total_seconds())
    await tx.execute(delete(rule_habits).where(_HABIT.rule == habit.rule))
    await tx.add(rule_habits, row)


async def told(database: Database) -> list[RuleWithHabit]:
    """The enabled rules that behave as they did not before, by name."""
    odd = or_(_HABIT.silent.is_not(None), _HABIT.unsure.is_not(None))
    async with database.reading() as connection:
        rows = await connection.execute(_of(odd).order_by(_RULE.name))
        return [_told(row) for row in rows]


async def find(database: Database, rule: str) -> RuleWithHabit | None:
    """What is known of *rule*; None: it is disabled, or was not looked at as it stands."""
    async with database.reading() as connection:
        row = (await connection.execute(_of(_HABIT.rule == rule))).one_or_none()
        return None if row is None else _told(row)


def _of(which: object) -> Select[tuple[object, ...]]:
    stands = _RULE.id == _HABIT.rule, _RULE.revision == _HABIT.revision
    query: Select[tuple[object, ...]] = (
        select(rule_habits, _RULE.name, _RULE.workspace, _last().label("last"))
        .join(resources, stands[0])
        .where(*_STANDS, stands[1], which)  # type: ignore[arg-type]
    )
    return query


def _told(row: Row[tuple[object, ...]]) -> RuleWithHabit:
    return RuleWithHabit(habit=_habit(row), name=row.name, workspace=row.workspace, last=row.last)


def _habit(row: Row[tuple[object, ...]]) -> RuleHabit:
    said = {name: getattr(row, name) for name in RuleHabit.__struct_fields__}
    return RuleHabit(**said | {"usual": None if row.usual is None else timedelta(seconds=row.usual)})
