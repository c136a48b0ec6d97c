"""Tokens of the workspace: made, listed and revoked by whoever administers it."""

from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from service.control import tokens
from service.model.person import Scope, Token
from service.web.endpoint import Answer, Call, Endpoint


class TokenShown(Struct, frozen=True, kw_only=True):
    """A token, without its secret."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    made_by: str
    created: datetime
    expires: datetime | None  # null: never
    used: datetime | None  # to within a minute; null: never
    refused: bool  # whoever made it is disabled: it lets nobody in until they are enabled


class Tokens(Struct, frozen=True, kw_only=True):
    """Those that are not revoked, by name."""

    items: tuple[TokenShown, ...]


class TokenWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token to be made."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=4)]
    days: Annotated[int, Meta(ge=1, le=3650)] | None = None  # null: it never expires


class TokenMade(Struct, frozen=True, kw_only=True):
    """A new token; its secret is shown this once."""

    token: TokenShown
    secret: str | None  # null: a request with this Idempotency-Key has made it before


async def _list(call: Call) -> Answer:
    found = await tokens.every(call.context.database, call.asker.workspace)
    return Answer(content=Tokens(items=tuple(map(_shown, found))))


async def _add(call: Call) -> Answer:
    wanted: TokenWanted = call.body
    call.asker.give(wanted.scopes)
    lasts = timedelta(days=wanted.days) if wanted.days else None
    made, secret = await tokens.add(
        call.context.database,
        call.asker.actor,
        wanted.name,
        wanted.scopes,
        call.context.clock.now(),
        lasts=lasts,
        once=call.once,
    )
    return Answer(content=TokenMade(token=_shown(made), secret=secret), location=f"/tokens/{made.id}")


async def _revoke(call: Call) -> Answer:
    now = call.context.clock.now()
    await tokens.revoke(call.context.database, call.asker.actor, call.path["token"], now)
    return Answer()


def _shown(token: Token) -> TokenShown:
    return TokenShown(**{name: getattr(token, name) for name in TokenShown.__struct_fields__})


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/tokens",
        name="list_tokens",
        summary="List the tokens",
        scope=Scope.ADMIN,
        handler=_list,
        gives=Tokens,
    ),
    Endpoint(
        method="POST",
        path="/tokens",
        name="add_token",
        summary="Make a token; its secret is shown this once",
        scope=Scope.ADMIN,
        handler=_add,
        takes=TokenWanted,
        gives=TokenMade,
        status=201,
        repeats=True,
    ),
    Endpoint(
        method="DELETE",
        path="/tokens/{token}",
        name="revoke_token",
        summary="Revoke a token, by its name or id",
        scope=Scope.ADMIN,
        handler=_revoke,
    ),
)
