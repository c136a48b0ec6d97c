"""The alerts of a workspace, latest first, part by part."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, literal, select, tuple_

from service.model.filing import Accession
from service.model.identity import WorkspaceId
from service.model.message import MessageKind
from service.store import bodies
from service.store.database import Database
from service.store.schema import messages
from service.store.sharing import COMMON, whole


class Kept(Struct, frozen=True, kw_only=True):
    """An alert as it is kept."""

    id: str
    created: datetime
    accession: Accession
    value: bytes | None  # as JSON; None: longer ago than the database keeps what it said


_QUERY = (
    select(messages.c.id, messages.c.created, messages.c.accession, bodies.BODY.label("value"), COMMON)
    .select_from(bodies.WITH_LOG)
    .where(messages.c.kind == MessageKind.ALERT)
    .order_by(messages.c.created.desc(), messages.c.id.desc())
)


async def page(
    database: Database,
    workspace: WorkspaceId,
    limit: int,
    behind: tuple[datetime, str] | None = None,
    accession: Accession | None = None,
) -> list[Kept]:
    """The latest *limit* alerts of *workspace* (on one filing), or those next *behind* the one of that time and id."""
    query = _QUERY.where(messages.c.workspace == workspace).limit(limit)
    if accession is not None:
        query = query.where(messages.c.accession == accession)
    if behind is not None:
        at, one = (literal(value, column.type) for value, column in zip(behind, _PLACE, strict=True))
        query = query.where(tuple_(*_PLACE) < tuple_(at, one))
    async with database.reading() as connection:
        return [_kept(row) for row in await connection.execute(query)]


async def find(database: Database, workspace: WorkspaceId, alert: str) -> Kept | None:
    """The alert of *workspace* with this id."""
    query = _QUERY.where(messages.c.workspace == workspace, messages.c.id == alert)
    async with database.reading() as connection:
        row = (await connection.execute(query)).first()
        return None if row is None else _kept(row)


_PLACE = (messages.c.created, messages.c.id)


def _kept(row: Row[Any]) -> Kept:
    value = whole(row.value, row.common) if row.value else None
    return Kept(id=row.id, created=row.created, accession=Accession(row.accession), value=value)
