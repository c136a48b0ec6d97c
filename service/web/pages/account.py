"""One's own account: the password, and the browsers in which one is signed in."""

from service.control import account, people, workspaces
from service.control.people import Signed
from service.model.errors import Fault, Faulty
from service.model.person import Scope
from service.web import auth
from service.web.pages import theme
from service.web.pages.page import Look, Moved, Page, Shown
from service.web.pages.theme import Theme

_PATH = "/account"


async def shown(look: Look) -> Shown:
    """Who is signed in, what they may do, and where they are signed in."""
    database, signed = look.context.database, _signed(look)
    names = {one.id: one.name for one in await workspaces.every(database)}
    return Shown(
        template="account.html",
        values={
            "person": signed.person,
            "roles": [(names[one], role) for one, role in signed.person.roles.items() if one in names],
            "browsers": await account.browsers(database, signed, look.context.clock.now()),
        },
    )


async def change_password(look: Look) -> Moved:
    """Save another password; every other browser is signed out."""
    signed, current = _signed(look), look.form.secret("current")
    password = look.form.secret("password")
    if password != look.form.secret("again"):
        raise Faulty("The password was not changed.", (Fault(("again",), "the two passwords are different"),))
    tries, name = look.context.tries, signed.person.name
    tries.take(name, look.address)
    await account.change_password(look.context.database, signed, current, password, look.context.clock.now())
    tries.back(name, look.address)
    return Moved(to=_PATH, said="The new password is saved. Every other browser is signed out.")


async def choose_theme(look: Look) -> Moved:
    """Show pages light or dark in this browser."""
    wanted = look.form.text("theme")
    if wanted not in set(Theme):
        raise Faulty("This cannot be saved.", (Fault(("theme",), "choose one of these"),))
    return Moved(
        to=_PATH,
        said="Saved for this browser.",
        also=lambda response: theme.choose(look.context, response, Theme(wanted)),
    )


async def end(look: Look) -> Moved:
    """Sign out of another browser."""
    ended = await account.end(look.context.database, _signed(look), look.form.text("browser"), look.context.clock.now())
    return Moved(to=_PATH, said=f"{ended.name or 'The browser'} is signed out.")


async def end_all(look: Look) -> Moved:
    """Sign out everywhere, here too."""
    await people.sign_out(look.context.database, _signed(look), everywhere=True)
    return Moved(
        to="/sign-in",
        said="You are signed out everywhere.",
        also=lambda response: auth.sign_out(look.context, response),
    )


def _signed(look: Look) -> Signed:
    assert look.who.signed is not None
    return look.who.signed


PAGES = (
    Page(method="GET", path=_PATH, name="account", title="Account", scope=Scope.READ, handler=shown),
    *(
        Page(
            method="POST",
            path=f"{_PATH}/{where}",
            name=name,
            title="Account",
            scope=Scope.READ,
            handler=handler,
            again=shown,
        )
        for where, name, handler in (
            ("password", "change_password", change_password),
            ("theme", "choose_theme", choose_theme),
            ("sign-out", "end_browser", end),
            ("sign-out-everywhere", "end_browsers", end_all),
        )
    ),
)
