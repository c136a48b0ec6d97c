"""Tokens, by which programs are let in."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from msgspec import to_builtins

from consumers.language.sections import fault_of_name
from service.control.audit import Changed, note
from service.control.once import Once
from service.model.audit import ChangeSubject
from service.model.errors import Fault, Faulty, NotFound
from service.model.identity import PersonId, Prefix, Revision, TokenId, WorkspaceId, new_id
from service.model.person import Scope, Token
from service.model.resource import Action, Actor
from service.store import Database, Transaction, people, resources, tokens

_BEGINS = "fbt_"  # so that whoever finds a secret in a file or a log knows what it is
_BYTES = 32


def a_secret() -> str:
    """What nobody can guess."""
    return secrets.token_urlsafe(_BYTES)


def digest_of(secret: str) -> str:
    """As which a *secret* that nobody can guess is kept; what is shown as one may have bytes that are no text."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()


async def every(database: Database, workspace: WorkspaceId) -> list[Token]:
    """The tokens of *workspace*, by name."""
    return await tokens.every(database, workspace)


async def add(
    database: Database,
    actor: Actor,
    name: str,
    scopes: Collection[Scope],
    now: datetime,
    *,
    lasts: timedelta | None = None,
    once: Once | None = None,
) -> tuple[Token, str | None]:
    """Make a token of the actor's workspace; returns it with its secret, which nobody can read again.

    The secret is None where *once* has made it before. Raises Faulty where the name is taken or cannot be used.
    """
    secret = f"{_BEGINS}{a_secret()}"
    async with database.transaction() as tx:
        await resources.lock(tx)
        if once is not None and (before := await once.before(tx)):
            return await tokens.by_id(tx, TokenId(before.made)), None
        if faults := [*_faults(name, scopes, lasts)]:
            raise Faulty("the token cannot be made:", tuple(faults))
        if await tokens.known(tx, actor.workspace, name):
            raise Faulty("the token cannot be made:", (Fault(("name",), f"there is a token {name!r} already"),))
        made = Token(
            id=TokenId(new_id(Prefix.TOKEN, now)),
            workspace=actor.workspace,
            name=name,
            scopes=tuple(one for one in Scope if one in scopes),
            made_by=actor.name,
            person=await _person(tx, actor),
            created=now,
            expires=now + lasts if lasts else None,
        )
        await note(tx, actor, Action.ADDED, _changed(made, after=_told(made)), now)
        await tokens.add(tx, made, digest_of(secret))
        if once is not None:
            await once.keep(tx, made.id, Revision(0), now)
    return made, secret


async def revoke(database: Database, actor: Actor, named: str, now: datetime) -> Token:
    """Let nobody in any more with the token of this name or id; raises NotFound."""
    async with database.transaction() as tx:
        await resources.lock(tx)
        found = await tokens.known(tx, actor.workspace, named)
        if found is None:
            raise NotFound(f"there is no token {named!r}; all of them: filingbell tokens list")
        await note(tx, actor, Action.REMOVED, _changed(found, before=_told(found)), now)
        await tokens.revoke(tx, found.id, actor.name, now)
    return found


async def who(database: Database, secret: str, now: datetime) -> Token | None:
    """The token with this *secret*; None: there is none, or it was revoked or has expired, or its maker is disabled."""
    if not secret.startswith(_BEGINS):
        return None
    found = await tokens.of_digest(database, digest_of(secret), now)
    if found is not None:
        await tokens.used(database, found, now)
    return found


async def _person(tx: Transaction, actor: Actor) -> PersonId | None:
    """Who answers for what *actor* makes: a token that makes another has them answer for both."""
    kind, _, name = actor.name.partition(":")
    if kind == "person":
        known = await people.called(tx, name)
        return known[0].id if known else None
    made_with = await tokens.known(tx, actor.workspace, name) if kind == "token" else None
    return made_with.person if made_with else None


def _told(token: Token) -> dict[str, Any]:
    """*token* as the log of changes has it."""
    return {"scopes": list(token.scopes), "expires": to_builtins(token.expires)}


def _changed(token: Token, **how: Any) -> Changed:
    return Changed(kind=ChangeSubject.TOKEN, id=token.id, name=token.name, **how)


def _faults(name: str, scopes: Collection[Scope], lasts: timedelta | None) -> list[Fault]:
    faults = []
    if wrong := fault_of_name(name):
        faults.append(Fault(("name",), wrong))
    if not scopes:
        faults.append(Fault(("scopes",), f"name at least one of {', '.join(Scope)}"))
    if lasts is not None and not timedelta() < lasts <= _LONGEST:
        faults.append(Fault(("days",), f"write a number from 1 to {_LONGEST.days}"))
    return faults


_LONGEST = timedelta(days=3650)
