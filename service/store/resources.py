"""What users own, as it stands, and every change of it: a row and an audit entry in one transaction."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Text, and_, bindparam, cast, false, func, or_, select, update
from sqlalchemy.engine import RowMapping

from service.model.audit import Change
from service.model.identity import ChannelId, Revision, RuleId, WorkspaceId
from service.model.resource import Resource, ResourceKind
from service.model.tickers import Placement
from service.store import audit
from service.store.audit import WhichChanges
from service.store.connection import Connection
from service.store.database import Database, Transaction
from service.store.schema import changes, resources, revisions
from service.text import is_text

CHANGED = "resources.changed"  # the bell that rings when anything was

_COUNTER = "resources"
_MOST = 2_000  # changes that are read one by one
_FEW = 100  # ids in a statement
_ORDER = (resources.c.workspace, resources.c.kind, resources.c.name)
_BY_ID = select(resources).where(resources.c.id.in_(bindparam("ids", expanding=True)))
_LEFT = select(changes.c.revision, changes.c.resource, changes.c.workspace, changes.c.after).where(
    changes.c.revision.in_(bindparam("revisions", expanding=True))
)
_REVISION = select(revisions.c.current).where(revisions.c.name == _COUNTER)


async def revision(database: Database) -> Revision:
    """The revision of everything as it stands; one seek."""
    async with database.reading() as connection:
        found = await connection.scalar(_REVISION)
        return Revision(found or 0)


async def every(
    database: Database, workspace: WorkspaceId | None = None, kind: ResourceKind | None = None
) -> tuple[Revision, list[Resource]]:
    """The resources (of one workspace, of one kind), by name, and the revision at which they stand so."""
    query = (
        select(revisions.c.current, resources)
        .outerjoin_from(revisions, resources, _there(workspace, kind))
        .where(revisions.c.name == _COUNTER)
        .order_by(*_ORDER)
    )
    async with database.reading() as connection:  # one statement: no change comes between the two
        rows = (await connection.execute(query)).mappings().all()
    at = Revision(rows[0]["current"] if rows else 0)
    return at, [resource_of(row) for row in rows if row["id"] is not None]


class Since(Struct, frozen=True, kw_only=True):
    """What was changed, and what that takes along, as it all stands at a revision."""

    revision: Revision
    changed: tuple[Resource, ...]  # what was removed too
    naming: tuple[Resource, ...]  # the rules that name one of them
    named: tuple[Resource, ...]  # what all these rules name


async def since(database: Database, before: Revision) -> Since | None:
    """What was changed after the revision *before*, if anything was; None: so much that everything may as well be read.

    Over one connection: on a busy server the wait for it takes longer than all that is asked.
    """
    async with database.reading() as connection:
        found: Since | None = Since(revision=before, changed=(), naming=(), named=())
        at, after = before, Revision(await connection.scalar(_REVISION) or 0)
        while at != after:  # once nothing came in between, all of it stands at one revision
            at = after
            found = await _since(connection, before, at)
            after = Revision(await connection.scalar(_REVISION) or 0)
    return found


async def _since(connection: Connection, before: Revision, at: Revision) -> Since | None:
    async def read(*which: ColumnElement[bool]) -> list[Resource]:
        found = await connection.execute(select(resources).where(*which).limit(_MOST + 1))
        return [resource_of(row) for row in found.mappings()]

    changed = await read(resources.c.revision > before)
    others = [one.id for one in changed if one.kind is not ResourceKind.RULE]
    if len(changed) > _MOST or len(others) > _FEW:
        return None
    known = {one.id for one in changed}
    text = cast(resources.c.section, Text)
    names = or_(false(), *(text.contains(one) for one in others))
    naming = await read(_there(None, ResourceKind.RULE), names) if others else []
    if len(naming) > _MOST:
        return None
    asking = [one for one in (*changed, *naming) if one.kind is ResourceKind.RULE]
    wanted = sorted({text for one in asking for text in _texts(one.section)} - known)
    named = [
        one
        for place in range(0, len(wanted), _FEW)
        for one in await read(resources.c.id.in_(wanted[place : place + _FEW]))
    ]
    more = tuple(one for one in naming if one.id not in known)
    return Since(revision=at, changed=tuple(changed), naming=more, named=tuple(named))


def _texts(section: Any) -> Iterator[str]:
    """Every text in *section*: the ids of what it names are among them, and no id is no text."""
    if isinstance(section, str):
        if is_text(section):
            yield section
    elif isinstance(section, Mapping):
        for inner in section.values():
            yield from _texts(inner)
    elif isinstance(section, list | tuple):
        for inner in section:
            yield from _texts(inner)


async def called(database: Database, workspace: WorkspaceId, kind: ResourceKind, name: str) -> list[str]:
    """The ids of what is or was called *name* (or has it as its id) in *workspace*; what is there now comes first."""
    mine = resources.c.workspace == workspace, resources.c.kind == kind
    query = select(resources.c.id).where(*mine, or_(resources.c.name == name, resources.c.id == name))
    async with database.reading() as connection:
        return list(await connection.scalars(query.order_by(resources.c.removed.is_not(None), resources.c.created)))


async def naming(database: Database, workspace: WorkspaceId, ids: Collection[str]) -> list[Resource]:
    """The rules of *workspace* in whose settings one of *ids* stands, by name."""
    text = cast(resources.c.section, Text)
    named = or_(false(), *(text.contains(one) for one in ids))
    query = select(resources).where(_there(workspace, ResourceKind.RULE), named).order_by(resources.c.name)
    async with database.reading() as connection:
        return [resource_of(row) for row in (await connection.execute(query)).mappings()]


async def names(database: Database, ids: Collection[str]) -> dict[str, str]:
    """What people call, or called, the resources *ids*."""
    async with database.reading() as connection:
        found = await connection.execute(select(resources.c.id, resources.c.name).where(resources.c.id.in_(ids)))
        return {row.id: row.name for row in found}


async def lock(tx: Transaction) -> None:
    """Until *tx* ends, nobody else changes any resource."""
    await tx.execute(update(revisions).where(revisions.c.name == _COUNTER).values(current=revisions.c.current))


async def locked(tx: Transaction, workspace: WorkspaceId) -> list[Resource]:
    """The resources of *workspace*; until *tx* ends, nobody else changes any."""
    await lock(tx)
    query = select(resources).where(_there(workspace)).order_by(*_ORDER)
    return [resource_of(row) for row in (await tx.execute(query)).mappings()]


async def put(tx: Transaction, before: Resource | None, after: Resource, change: Change) -> None:
    """Write *after* in place of *before* (None: it is new), and *change*. The caller holds the lock."""
    if before is None:
        await tx.add(resources, [_row(after)])
    await tx.execute(update(resources).where(resources.c.id == after.id).values(**_row(after)))
    await audit.keep(tx, change)
    tx.ring(CHANGED)


async def next_revision(tx: Transaction) -> Revision:
    """The revision of the change that *tx* makes now."""
    statement = update(revisions).where(revisions.c.name == _COUNTER).values(current=revisions.c.current + 1)
    return Revision((await tx.execute(statement.returning(revisions.c.current))).scalar_one())


async def as_of(database: Database, workspace: WorkspaceId, at: Revision) -> list[Resource]:
    """Everything in *workspace* as it stood at revision *at*; secrets left out."""
    latest = (
        select(func.max(changes.c.revision).label("revision"))
        .where(changes.c.workspace == workspace, changes.c.revision <= at, changes.c.kind.in_(list(ResourceKind)))
        .group_by(changes.c.resource)
        .subquery()
    )
    query = select(changes.c.after).join(latest, changes.c.revision == latest.c.revision)
    async with database.reading() as connection:
        return [msgspec.convert(after, Resource) for after in await connection.scalars(query) if after]


async def made(tx: Transaction, revision: Revision) -> Resource:
    """The resource as the change of *revision* left it; secrets left out."""
    after = (await tx.execute(select(changes.c.after).where(changes.c.revision == revision))).scalar_one()
    return msgspec.convert(after, Resource)


class Routing(Struct, frozen=True, kw_only=True):
    """Whom a rule tells, as of a revision."""

    workspace: WorkspaceId
    channels: tuple[ChannelId, ...]
    most: int | None = None  # alerts an hour that go by themselves; None: any number


async def routings(
    tx: Transaction, rules: Collection[tuple[RuleId, Revision]]
) -> dict[tuple[RuleId, Revision], Routing]:
    """Whom each of *rules* told at its revision; at revision 0, as it stands now.

    Alerts of the time before rules had revisions have revision 0.
    """
    rows = await tx.execute(_LEFT, {"revisions": [revision for _, revision in rules if revision]})
    found = {
        (RuleId(row.resource), Revision(row.revision)): _routing(row.workspace, row.after["section"])
        for row in rows
        if row.after and (row.resource, row.revision) in rules
    }
    if old := [rule for rule, revision in rules if not revision]:
        for row in (await by_id(tx, old)).values():
            found[RuleId(row.id), Revision(0)] = _routing(row.workspace, row.section)
    return found


def _routing(workspace: WorkspaceId, section: Mapping[str, Any]) -> Routing:
    most = section.get("max_per_hour")
    channels = tuple(map(ChannelId, section["channels"]))
    return Routing(workspace=workspace, channels=channels, most=None if most is None else int(most))


async def by_id(tx: Transaction, ids: Collection[str]) -> dict[str, Resource]:
    """The resources *ids* as they stand, those that were removed too."""
    rows = await tx.execute(_BY_ID, {"ids": list(ids)})
    return {row["id"]: resource_of(row) for row in rows.mappings()}


async def history(database: Database, workspace: WorkspaceId, resource: str, limit: int) -> list[Change]:
    """The latest changes of one resource, newest first."""
    return await audit.history(database, WhichChanges(workspace=workspace, resource=resource), limit)


def _there(workspace: WorkspaceId | None, kind: ResourceKind | None = None) -> ColumnElement[bool]:
    """What is not removed, of *workspace* and *kind* (None: of any)."""
    of = [(resources.c.workspace, workspace), (resources.c.kind, kind)]
    return and_(resources.c.removed.is_(None), *(column == wanted for column, wanted in of if wanted is not None))


def _row(resource: Resource) -> dict[str, object]:
    return {
        "id": resource.id,
        "kind": resource.kind,
        "workspace": resource.workspace,
        "name": resource.name,
        "section": dict(resource.section),
        "placed": msgspec.to_builtins(resource.placed) or None,
        "enabled": resource.enabled,
        "file": resource.file,
        "revision": resource.revision,
        "created": resource.created,
        "removed": resource.removed,
    }


def resource_of(row: RowMapping) -> Resource:
    """The resource that *row* holds."""
    return Resource(
        id=row["id"],
        kind=ResourceKind(row["kind"]),
        workspace=WorkspaceId(row["workspace"]),
        name=row["name"],
        section=row["section"],
        placed=msgspec.convert(row["placed"] or (), tuple[Placement, ...]),
        enabled=row["enabled"],
        file=row["file"],
        revision=Revision(row["revision"]),
        created=row["created"],
        removed=row["removed"],
    )
