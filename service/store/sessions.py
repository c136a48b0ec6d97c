"""Who is signed in, found by the digest of what the browser shows."""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, delete, insert, select, update

from service.model.identity import PersonId, WorkspaceId
from service.store.database import Database, Transaction
from service.store.schema import sessions

_SEEN = timedelta(minutes=1)  # how exactly it is kept when a session was used


class Session(Struct, frozen=True, kw_only=True):
    """A browser in which somebody is signed in."""

    digest: str  # by which it is found: of what stays the same while its secret changes
    secret: str  # the digest of what must be shown besides
    previous: str | None = None  # the same, of the secret before; None: that is no longer taken
    renewed: datetime  # when the secret was made
    due: datetime  # when the next one is
    person: PersonId
    workspace: WorkspaceId  # the one that is looked at
    created: datetime
    seen: datetime
    browser: str | None = None  # "Firefox on Linux"; None: it has not said what it is
    expires: datetime


async def add(tx: Transaction, session: Session) -> None:
    """Let whoever has the secrets of its digests in."""
    await tx.execute(insert(sessions), {name: getattr(session, name) for name in Session.__struct_fields__})


async def find(database: Database, digest: str, now: datetime) -> Session | None:
    """The session with *digest*; None: there is none, or it has expired."""
    query = select(sessions).where(sessions.c.digest == digest, sessions.c.expires > now)
    async with database.reading() as connection:
        row = (await connection.execute(query)).first()
        return None if row is None else _session(row)


async def every(database: Database, person: PersonId, now: datetime) -> list[Session]:
    """Those of *person*, the one that was used last first."""
    query = select(sessions).where(sessions.c.person == person, sessions.c.expires > now)
    async with database.reading() as connection:
        return [_session(row) for row in await connection.execute(query.order_by(sessions.c.seen.desc()))]


async def seen(database: Database, session: Session, now: datetime, expires: datetime) -> None:
    """Keep that it was used, to within a minute, and let it last until *expires*."""
    if now - session.seen > _SEEN:
        mine = update(sessions).where(sessions.c.digest == session.digest)
        async with database.transaction(lasting=False) as tx:
            await tx.execute(mine.values(seen=now, expires=expires))


async def renew(tx: Transaction, session: Session, secret: str, previous: str, now: datetime, due: datetime) -> bool:
    """Put *secret* in the place of the session's; False: another request has just done so."""
    mine = update(sessions).where(sessions.c.digest == session.digest, sessions.c.secret == session.secret)
    values = {"secret": secret, "previous": previous, "renewed": now, "due": due}
    return (await tx.execute(mine.values(values).returning(sessions.c.digest))).first() is not None


async def settle(tx: Transaction, session: Session) -> None:
    """Take the secret before its present one no longer."""
    mine = (sessions.c.digest == session.digest, sessions.c.secret == session.secret)
    await tx.execute(update(sessions).where(*mine).values(previous=None))


async def hasten(tx: Transaction, person: PersonId, now: datetime) -> None:
    """Let every browser of *person* have a new secret with its next request."""
    await tx.execute(update(sessions).where(sessions.c.person == person).values(due=now))


async def enter(tx: Transaction, digest: str, workspace: WorkspaceId) -> None:
    """Look at another workspace."""
    await tx.execute(update(sessions).where(sessions.c.digest == digest).values(workspace=workspace))


async def leave(tx: Transaction, person: PersonId, workspace: WorkspaceId, instead: WorkspaceId) -> None:
    """Where *person* looks at *workspace*, look at another *instead*."""
    mine = (sessions.c.person == person, sessions.c.workspace == workspace)
    await tx.execute(update(sessions).where(*mine).values(workspace=instead))


async def end(tx: Transaction, digest: str) -> None:
    """Sign out of one browser."""
    await tx.execute(delete(sessions).where(sessions.c.digest == digest))


async def end_all(tx: Transaction, person: PersonId) -> None:
    """Sign *person* out of every browser."""
    await tx.execute(delete(sessions).where(sessions.c.person == person))


async def end_others(tx: Transaction, person: PersonId, digest: str) -> None:
    """Sign *person* out of every browser but the one with *digest*."""
    await tx.execute(delete(sessions).where(sessions.c.person == person, sessions.c.digest != digest))


async def forget(tx: Transaction, before: datetime) -> None:
    """Forget those that had expired *before*."""
    await tx.execute(delete(sessions).where(sessions.c.expires < before))


def _session(row: Row[Any]) -> Session:
    return Session(**row._asdict())
