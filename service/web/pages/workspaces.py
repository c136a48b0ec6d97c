"""Workspaces: to enter another, and for whoever administers the service to make and rename them."""

from service.control import people, workspaces
from service.model.errors import NotFound
from service.model.person import Scope
from service.web.pages.page import Look, Moved, Page, Shown

_PATH = "/workspaces"


async def listed(look: Look) -> Shown:
    """Those that one has a part in."""
    who = look.who
    assert who.signed is not None
    parts = await workspaces.mine(
        look.context.database, who.signed.person, who.workspace, everything=Scope.INSTANCE in who.scopes
    )
    return Shown(template="workspaces.html", values={"parts": parts})


async def enter(look: Look) -> Moved:
    """Look at another one from now on."""
    signed, database = look.who.signed, look.context.database
    assert signed is not None
    try:
        one = await workspaces.find(database, look.path["workspace"])
        await people.enter(database, signed, one.id)
    except NotFound:  # whether there is one is not told
        raise NotFound("you have no part in a workspace of this name") from None
    return Moved(to=look.start, said=f"You are in the workspace {one.name}.")


async def make(look: Look) -> Moved:
    """Make one."""
    now = look.context.clock.now()
    made = await workspaces.add(look.context.database, look.who.actor, look.form.text("name"), now)
    return Moved(to=_PATH, said=f"The workspace {made.name} is made. Enter it to invite people.")


async def rename(look: Look) -> Moved:
    """Give one another name."""
    now, form = look.context.clock.now(), look.form
    after = await workspaces.rename(
        look.context.database, look.who.actor, look.path["workspace"], form.text("name"), now, expected=form.revision
    )
    return Moved(to=_PATH, said=f"The workspace is called {after.name} now.")


async def one(look: Look) -> Shown:
    """The form to rename one."""
    return Shown(
        template="workspace.html",
        values={"one": await workspaces.find(look.context.database, look.path["workspace"])},
    )


_ONE = f"{_PATH}/{{workspace}}"

PAGES = (
    Page(method="GET", path=_PATH, name="workspaces", title="Workspaces", scope=Scope.READ, handler=listed),
    Page(
        method="POST",
        path=_PATH,
        name="make_workspace",
        title="Workspaces",
        scope=Scope.INSTANCE,
        handler=make,
        again=listed,
    ),
    Page(
        method="POST",
        path=f"{_ONE}/enter",
        name="enter_workspace",
        title="Workspaces",
        scope=Scope.READ,
        handler=enter,
    ),
    Page(method="GET", path=_ONE, name="workspace", title="Workspace", scope=Scope.INSTANCE, handler=one),
    Page(
        method="POST",
        path=_ONE,
        name="rename_workspace",
        title="Workspace",
        scope=Scope.INSTANCE,
        handler=rename,
        again=one,
    ),
)
