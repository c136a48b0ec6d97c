"""Workspaces: those of whoever asks; who administers the instance makes and renames them."""

from datetime import datetime

from msgspec import Struct

from service.control import workspaces
from service.control.workspaces import Membership
from service.model.person import Role, Scope
from service.web.api.resources import Named
from service.web.endpoint import Answer, Call, Endpoint


class WorkspaceShown(Struct, frozen=True, kw_only=True):
    """A workspace."""

    id: str
    name: str
    role: Role | None  # that one has in it; null: a token has scopes instead
    entered: bool  # what is asked for is in this one
    created: datetime
    revision: int


class Workspaces(Struct, frozen=True, kw_only=True):
    """Workspaces, by name."""

    items: tuple[WorkspaceShown, ...]


class WorkspaceWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A workspace to be made, or its new name."""

    name: Named


async def _list(call: Call) -> Answer:
    return Answer(content=Workspaces(items=tuple(_shown(call, one) for one in await _parts(call))))


async def _show(call: Call) -> Answer:
    return await _answer(call, call.path["workspace"])


async def _add(call: Call) -> Answer:
    now = call.context.clock.now()
    made = await workspaces.add(call.context.database, call.asker.actor, call.body.name, now, once=call.once)
    return await _answer(call, made.id, made=True)


async def _rename(call: Call) -> Answer:
    now, named = call.context.clock.now(), call.path["workspace"]
    one = await workspaces.rename(
        call.context.database, call.asker.actor, named, call.body.name, now, expected=call.expected
    )
    return await _answer(call, one.id)


async def _parts(call: Call) -> list[Membership]:
    person = call.asker.signed.person if call.asker.signed else None
    everything = Scope.INSTANCE in call.asker.scopes
    return await workspaces.mine(call.context.database, person, call.asker.workspace, everything=everything)


async def _answer(call: Call, named: str, *, made: bool = False) -> Answer:
    one = workspaces.among(await _parts(call), named)
    where = f"/workspaces/{one.workspace.id}" if made else None
    return Answer(content=_shown(call, one), revision=one.workspace.revision, location=where)


def _shown(call: Call, one: Membership) -> WorkspaceShown:
    return WorkspaceShown(
        id=one.workspace.id,
        name=one.workspace.name,
        role=one.role,
        entered=one.workspace.id == call.asker.workspace,
        created=one.workspace.created,
        revision=one.workspace.revision,
    )


_ONE = "/workspaces/{workspace}"

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/workspaces",
        name="list_workspaces",
        summary="List the workspaces that one has a part in; with the scope `instance`, all",
        scope=Scope.READ,
        handler=_list,
        gives=Workspaces,
    ),
    Endpoint(
        method="POST",
        path="/workspaces",
        name="add_workspace",
        summary="Make a workspace",
        scope=Scope.INSTANCE,
        handler=_add,
        takes=WorkspaceWanted,
        gives=WorkspaceShown,
        status=201,
        repeats=True,
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        name="show_workspace",
        summary="Show a workspace, by its name or id",
        scope=Scope.READ,
        handler=_show,
        gives=WorkspaceShown,
    ),
    Endpoint(
        method="PATCH",
        path=_ONE,
        name="rename_workspace",
        summary="Rename a workspace",
        scope=Scope.INSTANCE,
        handler=_rename,
        takes=WorkspaceWanted,
        gives=WorkspaceShown,
        changes=True,
    ),
)
