"""People of the workspace: what each may do in it."""

from msgspec import Struct

from service.control import members
from service.model.person import Member, Role, Scope
from service.web.endpoint import Answer, Call, Endpoint


class MemberShown(Struct, frozen=True, kw_only=True):
    """Somebody with a part in the workspace."""

    id: str
    name: str
    role: Role
    disabled: bool  # then this person cannot sign in
    revision: int


class People(Struct, frozen=True, kw_only=True):
    """The people of the workspace, by name."""

    items: tuple[MemberShown, ...]


class RoleWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody is to be."""

    role: Role


async def _list(call: Call) -> Answer:
    found = await members.every(call.context.database, call.asker.workspace)
    return Answer(content=People(items=tuple(map(_shown, found))))


async def _show(call: Call) -> Answer:
    return _answer(await members.find(call.context.database, call.asker.workspace, call.path["person"]))


async def _change(call: Call) -> Answer:
    now, named = call.context.clock.now(), call.path["person"]
    return _answer(
        await members.set_role(
            call.context.database, call.asker.actor, named, call.body.role, now, expected=call.expected
        )
    )


async def _remove(call: Call) -> Answer:
    now, named = call.context.clock.now(), call.path["person"]
    await members.remove(call.context.database, call.asker.actor, named, now, expected=call.expected)
    return Answer()


def _answer(one: Member) -> Answer:
    return Answer(content=_shown(one), revision=one.revision)


def _shown(one: Member) -> MemberShown:
    return MemberShown(
        id=one.id, name=one.name, role=one.role, disabled=one.disabled is not None, revision=one.revision
    )


_ONE = "/people/{person}"

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/people",
        name="list_people",
        summary="List the people of the workspace",
        scope=Scope.ADMIN,
        handler=_list,
        gives=People,
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        name="show_person",
        summary="Show somebody of the workspace, by name or id",
        scope=Scope.ADMIN,
        handler=_show,
        gives=MemberShown,
    ),
    Endpoint(
        method="PATCH",
        path=_ONE,
        name="change_person",
        summary="Change what somebody may do; it acts at once",
        scope=Scope.ADMIN,
        handler=_change,
        takes=RoleWanted,
        gives=MemberShown,
        changes=True,
    ),
    Endpoint(
        method="DELETE",
        path=_ONE,
        name="remove_person",
        summary="Take somebody's part in the workspace away; the account stays",
        scope=Scope.ADMIN,
        handler=_remove,
        changes=True,
    ),
)
