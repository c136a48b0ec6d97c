"""Tokens of programs, found by the digest of their secret."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, or_, select, update

from service.model.identity import TokenId, WorkspaceId
from service.model.person import Scope, Token
from service.store.database import Database, Transaction
from service.store.schema import people, tokens

_SEEN = timedelta(minutes=1)  # how exactly it is kept when a token was used
_KEPT = tuple(name for name in Token.__struct_fields__ if name != "refused")
_SELECTED: Select[Any] = select(
    *(tokens.c[name] for name in _KEPT), people.c.disabled.is_not(None).label("refused")
).select_from(tokens.outerjoin(people, people.c.id == tokens.c.person))


async def add(tx: Transaction, token: Token, digest: str) -> None:
    """Let whoever has the secret of *digest* in as *token*."""
    row = {name: getattr(token, name) for name in _KEPT}
    await tx.execute(tokens.insert(), {**row, "scopes": list(token.scopes), "digest": digest})


async def every(database: Database, workspace: WorkspaceId) -> list[Token]:
    """Those of *workspace* that are not revoked, by name."""
    query = _SELECTED.where(tokens.c.workspace == workspace, tokens.c.revoked.is_(None)).order_by(tokens.c.name)
    async with database.reading() as connection:
        return [_token(row) for row in await connection.execute(query)]


async def known(tx: Transaction, workspace: WorkspaceId, named: str) -> Token | None:
    """The one of *workspace* with this name or id that is not revoked."""
    mine = (tokens.c.workspace == workspace, tokens.c.revoked.is_(None))
    query = _SELECTED.where(*mine, or_(tokens.c.name == named, tokens.c.id == named))
    row = (await tx.execute(query)).first()
    return None if row is None else _token(row)


async def by_id(tx: Transaction, token: TokenId) -> Token:
    """The token with this id, which is there: none is ever deleted."""
    return _token((await tx.execute(_SELECTED.where(tokens.c.id == token))).one())


async def of_digest(database: Database, digest: str, now: datetime) -> Token | None:
    """Whose secret has *digest*; None: nobody's, it was revoked or has expired, or whoever made it is disabled."""
    unexpired = or_(tokens.c.expires.is_(None), tokens.c.expires > now)
    query = _SELECTED.where(
        tokens.c.digest == digest, tokens.c.revoked.is_(None), unexpired, people.c.disabled.is_(None)
    )
    async with database.reading() as connection:
        row = (await connection.execute(query)).first()
    return None if row is None else _token(row)


async def used(database: Database, token: Token, now: datetime) -> None:
    """Keep when *token* was used, to within a minute."""
    if token.used is None or now - token.used > _SEEN:
        async with database.transaction(lasting=False) as tx:
            await tx.execute(update(tokens).where(tokens.c.id == token.id).values(used=now))


async def revoke(tx: Transaction, token: TokenId, by: str, now: datetime) -> None:
    """Let nobody in with it any more."""
    await tx.execute(update(tokens).where(tokens.c.id == token).values(revoked=now, revoked_by=by))


def _token(row: Row[Any]) -> Token:
    found = row._asdict()
    return Token(**{**found, "scopes": tuple(map(Scope, found["scopes"]))})
