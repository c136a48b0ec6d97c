"""The resources of a workspace by name, page by page."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import JSON, ColumnElement, Select, Text, cast, false, func, literal, not_, null, or_, select
from sqlalchemy.engine import RowMapping

from service.model.identity import Revision, WorkspaceId
from service.model.resource import Action, Resource, ResourceKind
from service.store.database import Database, Transaction
from service.store.resources import resource_of
from service.store.schema import changes, resources, rule_failures

_FAILED = rule_failures.c.standing, rule_failures.c.revision == resources.c.revision
_FAILING = select(rule_failures.c.rule).where(rule_failures.c.rule == resources.c.id, *_FAILED).exists()


class ResourceState(StrEnum):
    """How a resource stands."""

    ON = "on"
    FAILING = "failing"  # on, but they have failed since they were changed last, and have not worked since
    DISABLED = "disabled"


_WHICH = {
    ResourceState.ON: (resources.c.enabled, not_(_FAILING)),
    ResourceState.FAILING: (resources.c.enabled, _FAILING),
    ResourceState.DISABLED: (not_(resources.c.enabled),),
}


class ListPage(Struct, frozen=True, kw_only=True):
    """A part of a list."""

    found: tuple[Resource, ...]
    total: int  # of the whole list


async def page(
    database: Database,
    workspace: WorkspaceId,
    kind: ResourceKind,
    start: int,
    limit: int,
    *,
    text: str = "",
    named: Collection[str] = (),
    which: ResourceState | None = None,
    behind: str | None = None,
) -> ListPage:
    """Up to *limit* resources from the place *start* on, of those that have *text* in their name or settings.

    Those that refer to one of the ids *named* have it in their settings as well. *behind*: those whose names come
    behind this one.
    """
    mine: list[ColumnElement[bool]] = [
        resources.c.workspace == workspace,
        resources.c.kind == kind,
        resources.c.removed.is_(None),
    ]
    if text:
        section = cast(resources.c.section, Text)
        described = (
            func.lower(column).contains(text.lower(), autoescape=True) for column in (resources.c.name, section)
        )
        mine.append(or_(*described, *(section.contains(one) for one in named)))
    if which is not None:
        mine += _WHICH[which]
    if behind is not None:
        mine.append(resources.c.name > behind)
    query = select(resources).where(*mine).order_by(resources.c.name).offset(start).limit(limit)
    async with database.reading() as connection:
        total = await connection.scalar(select(func.count()).select_from(resources).where(*mine))
        found = (await connection.execute(query)).mappings().all()
    return ListPage(found=tuple(map(resource_of, found)), total=total or 0)


async def find(
    where: Database | Transaction, workspace: WorkspaceId, kind: ResourceKind, named: str
) -> Resource | None:
    """The resource with this name, or this id; None: there is none."""
    mine = *_there(workspace), resources.c.kind == kind
    for which in (resources.c.name == named, resources.c.id == named):
        for row in await _rows(where, select(resources).where(*mine, which)):
            return resource_of(row)
    return None


async def users(
    where: Database | Transaction, workspace: WorkspaceId, ids: Collection[str]
) -> dict[str, list[tuple[str, str]]]:
    """The rules that refer to each of *ids*, by name: their ids and names."""
    section = cast(resources.c.section, Text).label("said")
    query = select(resources.c.id, resources.c.name, section).where(
        *_there(workspace), resources.c.kind == ResourceKind.RULE, or_(false(), *(section.contains(one) for one in ids))
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for row in await _rows(where, query.order_by(resources.c.name)):
        for one in ids:
            if one in row["said"]:
                found.setdefault(one, []).append((row["id"], row["name"]))
    return found


class Failing(Struct, frozen=True, kw_only=True):
    """A rule that fails, as it stands."""

    count: int  # filings, since it worked last
    detail: str  # of one of them


async def failing(database: Database, rules: Collection[str]) -> dict[str, Failing]:
    """Those of *rules* that have failed since they were changed last, and have not worked since."""
    query = (
        select(resources.c.id, func.count().label("failures"), func.max(rule_failures.c.detail).label("detail"))
        .join(rule_failures, (rule_failures.c.rule == resources.c.id))
        .where(resources.c.id.in_(rules), *_FAILED)
        .group_by(resources.c.id)
    )
    async with database.reading() as connection:
        return {row.id: Failing(count=row.failures, detail=row.detail) for row in await connection.execute(query)}


class Disabled(Struct, frozen=True, kw_only=True):
    """How something was disabled."""

    actor: str
    reason: str | None


async def disabled(database: Database, revisions: Collection[Revision]) -> dict[str, Disabled]:
    """By whom, and why, the resources were disabled whose last changes are those of *revisions*."""
    query = select(changes.c.resource, changes.c.actor, changes.c.reason).where(
        changes.c.revision.in_(revisions), changes.c.action == Action.DISABLED
    )
    async with database.reading() as connection:
        return {row.resource: Disabled(actor=row.actor, reason=row.reason) for row in await connection.execute(query)}


async def named(
    where: Database | Transaction, workspace: WorkspaceId, kinds: Collection[ResourceKind]
) -> list[Resource]:
    """The resources of *kinds*, without what they ask for, which can be very much."""
    every = (column for column in resources.c if column.name not in ("section", "placed"))
    query = select(*every, literal({}, JSON).label("section"), null().label("placed")).where(
        *_there(workspace), resources.c.kind.in_(kinds)
    )
    return [resource_of(row) for row in await _rows(where, query)]


async def _rows(where: Database | Transaction, query: Select[Any]) -> Sequence[RowMapping]:
    if isinstance(where, Transaction):
        return (await where.execute(query)).mappings().all()
    async with where.reading() as connection:
        found: Sequence[RowMapping] = (await connection.execute(query)).mappings().all()
        return found


def _there(workspace: WorkspaceId) -> tuple[ColumnElement[bool], ...]:
    return resources.c.workspace == workspace, resources.c.removed.is_(None)
