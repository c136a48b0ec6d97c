"""The log of changes: written in the transaction of the change itself, and never altered."""

from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, insert, or_, select

from service.model.audit import Change, Subject
from service.model.identity import Revision, WorkspaceId
from service.model.resource import Action
from service.store.database import Database, Transaction
from service.store.schema import changes


class Which(Struct, frozen=True, kw_only=True):
    """Which changes are looked for: all that is given must hold."""

    workspace: WorkspaceId
    whole: bool = False  # those of the whole instance too
    kind: Subject | None = None
    resource: str | None = None  # an id
    actor: str | None = None
    before: Revision | None = None


async def keep(tx: Transaction, change: Change) -> None:
    """Add *change*; its revision is the one that *tx* has just taken."""
    row = {name: getattr(change, name) for name in Change.__struct_fields__}
    await tx.execute(insert(changes), row)


async def history(database: Database, which: Which, limit: int) -> list[Change]:
    """The latest changes, newest first."""
    query = select(changes).where(*_conditions(which)).order_by(changes.c.revision.desc()).limit(limit)
    async with database.reading() as connection:
        return [_change(row) for row in await connection.execute(query)]


async def actors(database: Database, workspace: WorkspaceId, *, whole: bool) -> list[str]:
    """Who has changed anything, by name."""
    mine = _conditions(Which(workspace=workspace, whole=whole))
    query = select(changes.c.actor).where(*mine).distinct().order_by(changes.c.actor)
    async with database.reading() as connection:
        return list(await connection.scalars(query))


def _conditions(which: Which) -> list[ColumnElement[bool]]:
    mine = changes.c.workspace == which.workspace
    found = [or_(mine, changes.c.workspace.is_(None)) if which.whole else mine]
    if which.before is not None:
        found.append(changes.c.revision < which.before)
    of = ((changes.c.kind, which.kind), (changes.c.resource, which.resource), (changes.c.actor, which.actor))
    return [*found, *(column == wanted for column, wanted in of if wanted is not None)]


def _change(row: Row[Any]) -> Change:
    return Change(**{**row._asdict(), "kind": Subject(row.kind), "action": Action(row.action)})
