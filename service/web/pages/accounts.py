"""Everybody's accounts, for whoever administers the service."""

from service.control import accounts, workspaces
from service.model.person import Scope
from service.web.pages.page import Look, Moved, Page, Shown

_PATH = "/accounts"


async def everybody(look: Look) -> Shown:
    """Everybody, and what they may do where."""
    database = look.context.database
    names = {one.id: one.name for one in await workspaces.every(database)}
    found = [
        (one, sorted((names[workspace], role) for workspace, role in one.roles.items() if workspace in names))
        for one in await accounts.every(database)
    ]
    return Shown(template="accounts.html", values={"everybody": found})


async def one(look: Look) -> Shown:
    """Somebody's account."""
    return await _shown(look)


async def change(look: Look) -> Moved:
    """Let somebody administer the service, or sign in, or no longer."""
    form = look.form
    after = await accounts.change(
        look.context.database,
        look.who.actor,
        look.path["account"],
        look.context.clock.now(),
        admin="yes" in form.all("admin"),
        disabled="yes" in form.all("disabled"),
        expected=form.revision,
    )
    return Moved(to=_PATH, said=f"The account of {after.name} is saved.")


async def password_link(look: Look) -> Shown:
    """Make a link by which somebody chooses a new password; it is shown this once."""
    now, named = look.context.clock.now(), look.path["account"]
    _, secret, until = await accounts.password_link(look.context.database, look.who.actor, named, now)
    return await _shown(look, link=look.context.welcome(secret), until=until)


async def _shown(look: Look, **made: object) -> Shown:
    found = await accounts.find(look.context.database, look.path["account"])
    return Shown(template="account-of.html", values={"person": found, "link": "", "until": None, **made})


_ONE = f"{_PATH}/{{account}}"

PAGES = (
    Page(method="GET", path=_PATH, name="accounts", title="People", scope=Scope.INSTANCE, handler=everybody),
    Page(method="GET", path=_ONE, name="account_of", title="Account", scope=Scope.INSTANCE, handler=one),
    Page(
        method="POST",
        path=_ONE,
        name="change_account",
        title="Account",
        scope=Scope.INSTANCE,
        handler=change,
        again=one,
    ),
    Page(
        method="POST",
        path=f"{_ONE}/password-link",
        name="password_link",
        title="Account",
        scope=Scope.INSTANCE,
        handler=password_link,
        again=one,
    ),
)
