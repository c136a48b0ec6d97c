"""Everybody's accounts, for whoever administers the instance."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from service.control import accounts, workspaces
from service.model.person import Person, Role, Scope
from service.web.endpoint import Answer, Call, Endpoint


class PartShown(Struct, frozen=True, kw_only=True):
    """What somebody may do in a workspace."""

    workspace: str  # its id
    name: str
    role: Role


class AccountShown(Struct, frozen=True, kw_only=True):
    """Somebody's account."""

    id: str
    name: str
    admin: bool  # of the whole instance
    created: datetime
    disabled: datetime | None  # since then this person cannot sign in; null: they can
    parts: tuple[PartShown, ...]
    revision: int


class Accounts(Struct, frozen=True, kw_only=True):
    """Everybody, by name."""

    items: tuple[AccountShown, ...]


class AccountChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; what is left out stays."""

    admin: bool | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET


class PasswordLink(Struct, frozen=True, kw_only=True):
    """A link by which somebody chooses a new password, once; it is shown this once."""

    link: str
    expires: datetime


async def _list(call: Call) -> Answer:
    names = await _names(call)
    found = await accounts.every(call.context.database)
    return Answer(content=Accounts(items=tuple(_shown(one, names) for one in found)))


async def _show(call: Call) -> Answer:
    return await _answer(call, await accounts.find(call.context.database, call.path["account"]))


async def _change(call: Call) -> Answer:
    change: AccountChange = call.body
    one = await accounts.change(
        call.context.database,
        call.asker.actor,
        call.path["account"],
        call.context.clock.now(),
        admin=None if change.admin is UNSET else change.admin,
        disabled=None if change.disabled is UNSET else change.disabled,
        expected=call.expected,
    )
    return await _answer(call, one)


async def _link(call: Call) -> Answer:
    now = call.context.clock.now()
    _, secret, until = await accounts.password_link(call.context.database, call.asker.actor, call.path["account"], now)
    return Answer(content=PasswordLink(link=call.context.welcome(secret), expires=until))


async def _answer(call: Call, one: Person) -> Answer:
    return Answer(content=_shown(one, await _names(call)), revision=one.revision)


async def _names(call: Call) -> dict[str, str]:
    return {one.id: one.name for one in await workspaces.every(call.context.database)}


def _shown(one: Person, names: dict[str, str]) -> AccountShown:
    parts = (PartShown(workspace=where, name=names.get(where, where), role=role) for where, role in one.roles.items())
    return AccountShown(
        id=one.id,
        name=one.name,
        admin=one.admin,
        created=one.created,
        disabled=one.disabled,
        parts=tuple(sorted(parts, key=lambda part: part.name)),
        revision=one.revision,
    )


_ONE = "/accounts/{account}"

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/accounts",
        name="list_accounts",
        summary="List everybody's accounts",
        scope=Scope.INSTANCE,
        handler=_list,
        gives=Accounts,
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        name="show_account",
        summary="Show an account, by name or id",
        scope=Scope.INSTANCE,
        handler=_show,
        gives=AccountShown,
    ),
    Endpoint(
        method="PATCH",
        path=_ONE,
        name="change_account",
        summary="Let somebody administer the instance, or sign in, or no longer",
        scope=Scope.INSTANCE,
        handler=_change,
        takes=AccountChange,
        gives=AccountShown,
        changes=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/password-link",
        name="make_password_link",
        summary="Make a link by which somebody chooses a new password; it works once, for an hour",
        scope=Scope.INSTANCE,
        handler=_link,
        gives=PasswordLink,
    ),
)
