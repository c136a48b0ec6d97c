"""Sign in, sign out, and the link with which somebody comes for the first time."""

from urllib.parse import urlsplit

from service.control import people, workspaces
from service.model.errors import Fault, Faulty
from service.web import auth
from service.web.pages.page import Look, Moved, Page, Shown


async def sign_in(look: Look) -> Shown | Moved:
    """Ask who it is; somebody who is signed in goes on."""
    if look.asker is not None:
        return Moved(to=_next(look) or look.start)
    return Shown(template="sign-in.html", values={"next": _next(look)})


async def signed_in(look: Look) -> Shown | Moved:
    """Let them in; that a name is unknown is not told, nor does it take less time."""
    name, password = look.form.text("name"), look.form.secret("password")
    look.context.tries.take(name, look.address)
    found = await people.sign_in(look.context.database, name, password, look.context.clock.now())
    if found is None:
        raise Faulty("Name or password is wrong.", (Fault(("password",), "check both, and try again"),))
    look.context.tries.back(name, look.address)
    _, secret = found
    return _let_in(look, secret, _next(look) or look.start)


async def sign_out(look: Look) -> Shown | Moved:
    """End this session."""
    if look.asker is not None and look.asker.signed is not None:
        await people.sign_out(look.context.database, look.asker.signed)
    return Moved(to="/sign-in", said="You are signed out.", also=lambda response: auth.sign_out(look.context, response))


async def welcome(look: Look) -> Shown | Moved:
    """Show for what a link is; whoever only follows it does not use it up."""
    database = look.context.database
    link = await people.link(database, look.path["secret"], look.context.clock.now())
    name = await workspaces.name_of(database, link.workspace) if link.workspace else ""
    return Shown(template="welcome.html", values={"link": link, "into": name})


async def join(look: Look) -> Shown | Moved:
    """Make the account that the link is for, and sign in."""
    database, now = look.context.database, look.context.clock.now()
    name, password = look.form.text("name"), look.form.secret("password")
    await people.link(database, look.path["secret"], now)
    if password != look.form.secret("again"):
        raise Faulty("The account cannot be made.", (Fault(("again",), "the two passwords are different"),))
    await people.join(database, look.path["secret"], name, password, now)
    found = await people.sign_in(database, name, password, now)
    assert found is not None
    return _let_in(look, found[1], look.start, f"Welcome, {name}.")


def own_path(given: str) -> str:
    """*given*, if it is a path of this service; empty: it would lead elsewhere."""
    parts = urlsplit(given)
    is_own = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable()
    return given if is_own and not parts.scheme and not parts.netloc else ""


def _next(look: Look) -> str:
    return own_path(look.form.text("next") or look.query.get("next", ""))


def _let_in(look: Look, secret: str, to: str, said: str = "") -> Moved:
    return Moved(to=to, said=said, also=lambda response: auth.sign_in(look.context, response, secret))


PAGES = (
    Page(method="GET", path="/sign-in", name="sign_in", title="Sign in", scope=None, handler=sign_in),
    Page(
        method="POST",
        path="/sign-in",
        name="signed_in",
        title="Sign in",
        scope=None,
        handler=signed_in,
        again=sign_in,
    ),
    Page(method="POST", path="/sign-out", name="sign_out", title="Sign out", scope=None, handler=sign_out),
    Page(method="GET", path="/welcome/{secret}", name="welcome", title="Welcome", scope=None, handler=welcome),
    Page(
        method="POST",
        path="/welcome/{secret}",
        name="join",
        title="Welcome",
        scope=None,
        handler=join,
        again=welcome,
    ),
)
