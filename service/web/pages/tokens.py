"""Tokens of the workspace: what each may do, and when it was last used."""

from datetime import timedelta

from service.control import tokens
from service.model.errors import Fault, Faulty
from service.model.person import Scope
from service.web.pages.page import Look, Moved, Page, Shown
from service.web.pages.people import number_of

_SCOPES = (
    (Scope.READ, "Read"),
    (Scope.WRITE, "Write: rules, watchlists, channels, deliveries"),
    (Scope.ADMIN, "Admin: tokens, people and the audit log"),
    (Scope.INSTANCE, "Instance: workspaces and everybody's accounts"),
)
_FOR_EVER = 0
_DAYS = ((30, "30 days"), (90, "90 days"), (365, "1 year"), (_FOR_EVER, "Until it is revoked"))
_PATH = "/tokens"


async def listed(look: Look) -> Shown:
    """The tokens that are not revoked."""
    return await _shown(look)


async def make(look: Look) -> Shown:
    """Make one; its secret is shown this once."""
    form, now = look.form, look.context.clock.now()
    scopes, days = _scopes(form.all("scopes")), number_of(form.text("days"), "days")
    look.who.give(scopes)
    made, secret = await tokens.add(
        look.context.database,
        look.who.actor,
        form.text("name"),
        scopes,
        now,
        lasts=timedelta(days=days) if days != _FOR_EVER else None,
    )
    return await _shown(look, made=made, secret=secret)


async def revoke(look: Look) -> Moved:
    """Let nobody in with it any more."""
    now = look.context.clock.now()
    gone = await tokens.revoke(look.context.database, look.who.actor, look.path["token"], now)
    return Moved(to=_PATH, said=f"The token {gone.name} is revoked.")


def _scopes(given: tuple[str, ...]) -> list[Scope]:
    try:
        return [Scope(one) for one in given]
    except ValueError:
        raise Faulty("The token cannot be made.", (Fault(("scopes",), "choose among these"),)) from None


async def _shown(look: Look, **made: object) -> Shown:
    now = look.context.clock.now()
    found = await tokens.every(look.context.database, look.who.workspace)
    return Shown(
        template="tokens.html",
        values={
            "tokens": [(one, one.expires is not None and one.expires <= now) for one in found],
            "scopes": [(scope, label) for scope, label in _SCOPES if scope in look.who.scopes],
            "days": _DAYS,
            "made": None,
            "secret": "",
            **made,
        },
    )


PAGES = (
    Page(method="GET", path=_PATH, name="tokens", title="Tokens", scope=Scope.ADMIN, handler=listed),
    Page(
        method="POST",
        path=_PATH,
        name="make_token",
        title="Tokens",
        scope=Scope.ADMIN,
        handler=make,
        again=listed,
    ),
    Page(
        method="POST",
        path=f"{_PATH}/{{token}}/revoke",
        name="revoke_token",
        title="Tokens",
        scope=Scope.ADMIN,
        handler=revoke,
    ),
)
