"""The log of changes: written in the transaction of the change itself, and never altered."""

from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Text, and_, case, cast, func, insert, literal, null, or_, select

from service.model.audit import Change, ChangeSubject
from service.model.identity import Revision, WorkspaceId
from service.model.resource import Action
from service.store.database import Database, Transaction
from service.store.schema import changes

_LARGEST = 16_000  # characters of a change that stands in a list
_NAMES = tuple(column.name for column in changes.c)
_SMALL = tuple(column for column in changes.c if column.name not in ("before", "after"))


class WhichChanges(Struct, frozen=True, kw_only=True):
    """Which changes are looked for: all that is given must hold."""

    workspace: WorkspaceId
    whole: bool = False  # those of the whole instance too
    kind: ChangeSubject | None = None
    resource: str | None = None  # an id
    actor: str | None = None
    before: Revision | None = None


async def keep(tx: Transaction, change: Change) -> None:
    """Add *change*; its revision is the one that *tx* has just taken."""
    await tx.execute(insert(changes), {name: getattr(change, name) for name in _NAMES})


async def history(database: Database, which: WhichChanges, limit: int) -> list[Change]:
    """The latest changes, newest first; of what is large, such as a portfolio, `before` and `after` are cut."""
    sizes = (func.coalesce(func.length(cast(column, Text)), 0) for column in (changes.c.before, changes.c.after))
    cut = (sum(sizes, literal(0)) > _LARGEST).label("cut")
    short = (case((cut, null()), else_=column).label(column.name) for column in (changes.c.before, changes.c.after))
    query = select(*_SMALL, *short, cut).order_by(changes.c.revision.desc()).limit(limit)
    async with database.reading() as connection:  # each along an index; both at once would be sorted
        parts = [[*map(_change, await connection.execute(query.where(of)))] for of in _conditions(which)]
    return sorted((one for found in parts for one in found), key=lambda one: one.revision, reverse=True)[:limit]


async def find(database: Database, which: WhichChanges, revision: Revision) -> Change | None:
    """The one of those changes that has this revision, whole."""
    query = select(changes).where(or_(*_conditions(which)), changes.c.revision == revision)
    async with database.reading() as connection:
        row = (await connection.execute(query)).first()
    return None if row is None else _change(row)


async def actors(database: Database, workspace: WorkspaceId, *, whole: bool) -> list[str]:
    """Who has changed anything, by name."""
    query = select(changes.c.actor).distinct()
    async with database.reading() as connection:
        parts = [
            await connection.scalars(query.where(of))
            for of in _conditions(WhichChanges(workspace=workspace, whole=whole))
        ]
    return sorted({one for found in parts for one in found})


def _conditions(which: WhichChanges) -> list[ColumnElement[bool]]:
    """What holds for the changes that are looked for, of the workspace, and of the whole instance."""
    of = ((changes.c.kind, which.kind), (changes.c.resource, which.resource), (changes.c.actor, which.actor))
    asked = [column == wanted for column, wanted in of if wanted is not None]
    if which.before is not None:
        asked.append(changes.c.revision < which.before)
    whose = [changes.c.workspace == which.workspace, *([changes.c.workspace.is_(None)] if which.whole else [])]
    return [and_(one, *asked) for one in whose]


def _change(row: Row[*tuple[Any, ...]]) -> Change:
    return Change(**{**row._asdict(), "kind": ChangeSubject(row.kind), "action": Action(row.action)})
