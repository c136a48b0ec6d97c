"""Who asks: a program with a token, or a person who is signed in."""

import hmac
from collections.abc import Iterable
from http import HTTPStatus

from aiohttp import hdrs, web
from msgspec import Struct

from service.control import people, proxied, tokens
from service.control.people import Signed
from service.model.identity import WorkspaceId
from service.model.person import Role, Scope
from service.model.resource import Actor
from service.web import received
from service.web.context import Context
from service.web.problems import Refusal
from service.web.security import SAFE, Handler, is_from_here

CSRF_HEADER = "X-CSRF-Token"
RENEWED = web.RequestKey("renewed", str)
"""What the browser is to show from now on."""

_BEARER = "bearer"


class Asker(Struct, frozen=True, kw_only=True):
    """Who asks, for what workspace, and what they may."""

    id: str  # of the token or the person
    name: str
    actor: Actor
    scopes: frozenset[Scope]
    signed: Signed | None = None  # None: a program

    @property
    def workspace(self) -> WorkspaceId:
        """Whose everything is that is asked for."""
        return self.actor.workspace

    def need(self, scope: Scope) -> None:
        """Raises Refusal (403) where *scope* was not given."""
        if scope not in self.scopes:
            needs = f"this needs the scope {scope}, which you were not given"
            detail = (
                needs if self.scopes else "you have no part in a workspace: ask one of its admins for an invitation"
            )
            raise Refusal(HTTPStatus.FORBIDDEN, "scope", detail)

    def give(self, scopes: Iterable[Scope]) -> None:
        """Raises Refusal (403) where *scopes* are more than was given: else admin alone would be everything."""
        if more := set(scopes) - self.scopes:
            detail = f"you cannot give what you were not given: {', '.join(sorted(more))}"
            raise Refusal(HTTPStatus.FORBIDDEN, "scope", detail)


async def asker(context: Context, request: web.Request) -> Asker:
    """Who sends *request*; raises Refusal (401), and 403 where a page elsewhere made a browser send it."""
    given = request.headers.get(hdrs.AUTHORIZATION)
    found = await _program(context, given) if given is not None else await _person(context, request)
    if found is None:
        raise Refusal(
            HTTPStatus.UNAUTHORIZED,
            "unauthorized",
            "send a token that is valid: `Authorization: Bearer fbt_...`, as `filingbell tokens add` prints",
            headers={hdrs.WWW_AUTHENTICATE: 'Bearer realm="filingbell"'},
        )
    return found


async def visitor(context: Context, request: web.Request) -> Asker | None:
    """The person who is signed in where *request* comes from; None: nobody. For pages that are for anyone."""
    signed = await _signed(context, request)
    return None if signed is None else _asker(signed)


async def still(context: Context, request: web.Request, who: Asker) -> Asker | None:
    """*who*, who sent *request* before, as of now; None: they are let in no more."""
    if who.signed is None:
        return await _program(context, request.headers[hdrs.AUTHORIZATION])
    signed = await people.still_signed(context.database, who.signed, context.clock.now())
    return None if signed is None else _asker(signed)


def cookie(context: Context) -> str:
    """The name of the cookie that says who is signed in; by TLS alone, no other host can set it."""
    return "__Host-filingbell" if context.secure else "filingbell"


def sign_in(context: Context, response: web.StreamResponse, secret: str) -> None:
    """Give the browser what says that somebody is signed in."""
    response.set_cookie(
        cookie(context), secret, httponly=True, samesite="Lax", secure=context.secure, max_age=people.IDLE.days * 86400
    )


def sign_out(context: Context, response: web.StreamResponse) -> None:
    """Take it back."""
    response.del_cookie(cookie(context), httponly=True, samesite="Lax", secure=context.secure)


def renewing(app: web.Application, context: Context) -> None:
    """Let answers of *app* bring the browser its new secret, refusals too; a stream has begun before, and does not."""

    @web.middleware
    async def renewed(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if RENEWED in request and not response.prepared and cookie(context) not in response.cookies:
            sign_in(context, response, request[RENEWED])
        return response

    app.middlewares.append(renewed)


async def _program(context: Context, given: str) -> Asker | None:
    scheme, _, secret = given.partition(" ")
    token = (
        await tokens.who(context.database, secret.strip(), context.clock.now()) if scheme.lower() == _BEARER else None
    )
    if token is None:
        return None
    return Asker(
        id=token.id,
        name=token.name,
        actor=Actor(name=f"token:{token.name}", workspace=token.workspace),
        scopes=frozenset(token.scopes),
    )


async def _person(context: Context, request: web.Request) -> Asker | None:
    signed = await _signed(context, request)
    if signed is None:
        return None
    if request.method not in SAFE and not (is_from_here(request) and await _sent_along(request, signed.csrf)):
        raise Refusal(HTTPStatus.FORBIDDEN, "csrf", "this was not sent by a page of this service: load the page again")
    return _asker(signed)


async def _signed(context: Context, request: web.Request) -> Signed | None:
    now = context.clock.now()
    name = context.proxied.name(request)
    if name is not None:  # then nothing that the browser itself shows counts
        role = context.settings.http_user_role
        return await proxied.told(context.database, name, None if role == "none" else Role(role), now)
    shown = request.cookies.get(cookie(context))
    signed = await people.signed(context.database, shown, now) if shown else None
    if signed is not None and signed.renewed is not None:
        request[RENEWED] = signed.renewed
    return signed


def _asker(signed: Signed) -> Asker:
    return Asker(
        id=signed.person.id,
        name=signed.person.name,
        actor=Actor(name=f"person:{signed.person.name}", workspace=signed.session.workspace),
        scopes=signed.scopes,
        signed=signed,
    )


async def _sent_along(request: web.Request, csrf: str) -> bool:
    given = request.headers.get(CSRF_HEADER)
    if given is None and request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        found = (await received.fields(request)).get("csrf")
        given = found if isinstance(found, str) else None
    return given is not None and hmac.compare_digest(given.encode(errors="surrogateescape"), csrf.encode())
