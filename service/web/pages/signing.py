"""Sign in, sign out, and the links with which somebody comes: the first person, who was invited, who forgot."""

from service.control import people, workspaces
from service.model.errors import Fault, Faulty
from service.store.links import Link
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
    found = await people.sign_in(look.context.database, name, password, look.context.clock.now(), look.browser)
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
    link = await _link(look)
    into = await workspaces.name_of(look.context.database, link.workspace) if link.workspace else ""
    return Shown(template="welcome.html", values={"link": link, "into": into})


async def join(look: Look) -> Shown | Moved:
    """Do what the link is for: make an account, come into a workspace, or choose a new password."""
    database, now, secret = look.context.database, look.context.clock.now(), look.path["secret"]
    link = await _link(look)
    if look.asker is not None and look.asker.signed is not None and link.workspace is not None:
        await people.accept(database, look.asker.signed, secret, now)
        name = await workspaces.name_of(database, link.workspace)
        return Moved(to=look.start, said=f"You are in the workspace {name}.")
    password = look.form.secret("password")
    if password != look.form.secret("again"):
        raise Faulty("This cannot be saved yet.", (Fault(("again",), "the two passwords are different"),))
    if link.person is not None:
        person = await people.choose_password(database, secret, password, now)
        said = "Your new password is saved."
    else:
        person = await people.join(database, secret, look.form.text("name"), password, now)
        said = f"Welcome, {person.name}."
    _, shown = await people.opened(database, person, now, look.browser)
    return _let_in(look, shown, look.start, said)


def own_path(given: str) -> str:
    """*given*, if it is a path of this service; empty: it would lead elsewhere."""
    is_own = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable()
    return given if is_own else ""


async def _link(look: Look) -> Link:
    return await people.link(look.context.database, look.path["secret"], look.context.clock.now())


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
