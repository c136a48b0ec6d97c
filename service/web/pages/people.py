"""People of the workspace, invitations to it, and what each may do."""

from datetime import timedelta

from service.control import invitations, members
from service.model.errors import Fault, Faulty
from service.model.person import Role, Scope
from service.web.pages.page import Look, Moved, Page, Shown

ROLES = (
    (Role.VIEWER, "Viewer: sees everything but people and tokens"),
    (Role.EDITOR, "Editor: also changes rules, watchlists and channels"),
    (Role.ADMIN, "Admin: also people, tokens and the audit log"),
)
_DAYS = ((1, "1 day"), (7, "7 days"), (30, "30 days"))
_PATH = "/people"


async def people(look: Look) -> Shown:
    """Who has a part in the workspace, and who is invited."""
    return await _shown(look)


async def invite(look: Look) -> Shown:
    """Make an invitation; its link is shown this once."""
    form, now = look.form, look.context.clock.now()
    made, secret = await invitations.invite(
        look.context.database,
        look.who.actor,
        form.text("name"),
        role_of(form.text("role")),
        now,
        lasts=timedelta(days=number_of(form.text("days"), "days")),
    )
    assert secret is not None
    return await _shown(look, made=made, link=look.context.welcome(secret))


async def withdraw(look: Look) -> Moved:
    """Let nobody in by an invitation."""
    now = look.context.clock.now()
    gone = await invitations.withdraw(look.context.database, look.who.actor, look.path["invitation"], now)
    return Moved(to=_PATH, said=f"The invitation for {gone.name} is withdrawn.")


async def person(look: Look) -> Shown:
    """Somebody of the workspace."""
    found = await members.find(look.context.database, look.who.workspace, look.path["person"])
    return Shown(template="person.html", values={"person": found, "roles": ROLES})


async def change(look: Look) -> Moved:
    """Let somebody do more or less."""
    role, now = role_of(look.form.text("role")), look.context.clock.now()
    after = await members.set_role(
        look.context.database, look.who.actor, look.path["person"], role, now, expected=look.form.revision
    )
    return Moved(to=_PATH, said=f"{after.name} is {article(after.role)} now.")


async def remove(look: Look) -> Moved:
    """Take somebody's part in the workspace away."""
    now, named = look.context.clock.now(), look.path["person"]
    found = await members.find(look.context.database, look.who.workspace, named)
    await members.remove(look.context.database, look.who.actor, named, now, expected=look.form.revision)
    return Moved(to=_PATH, said=f"{found.name} has no part in this workspace any more.")


def role_of(given: str) -> Role:
    """The role that was chosen; raises Faulty."""
    try:
        return Role(given)
    except ValueError:
        raise Faulty("The role cannot be used.", (Fault(("role",), "choose a role"),)) from None


def number_of(given: str, field: str) -> int:
    """The number that was chosen; raises Faulty."""
    if not (given.isascii() and given.isdecimal() and len(given) < 5):
        raise Faulty("The form cannot be used.", (Fault((field,), "write a whole number"),))
    return int(given)


def article(role: Role) -> str:
    """``an editor``, ``a viewer``."""
    return f"{'a' if role is Role.VIEWER else 'an'} {role}"


async def _shown(look: Look, **made: object) -> Shown:
    database, workspace = look.context.database, look.who.workspace
    return Shown(
        template="people.html",
        values={
            "people": await members.every(database, workspace),
            "invitations": await invitations.every(database, workspace, look.context.clock.now()),
            "roles": ROLES,
            "days": _DAYS,
            "made": None,
            "link": "",
            **made,
        },
    )


_ONE = f"{_PATH}/{{person}}"

PAGES = (
    Page(method="GET", path=_PATH, name="people", title="People", scope=Scope.ADMIN, handler=people),
    Page(
        method="POST",
        path=f"{_PATH}/invite",
        name="invite",
        title="People",
        scope=Scope.ADMIN,
        handler=invite,
        again=people,
    ),
    Page(
        method="POST",
        path=f"{_PATH}/invitations/{{invitation}}/withdraw",
        name="withdraw_invitation",
        title="People",
        scope=Scope.ADMIN,
        handler=withdraw,
    ),
    Page(method="GET", path=_ONE, name="person", title="Person", scope=Scope.ADMIN, handler=person),
    Page(
        method="POST",
        path=_ONE,
        name="change_person",
        title="Person",
        scope=Scope.ADMIN,
        handler=change,
        again=person,
    ),
    Page(
        method="POST",
        path=f"{_ONE}/remove",
        name="remove_person",
        title="Person",
        scope=Scope.ADMIN,
        handler=remove,
        again=person,
    ),
)
