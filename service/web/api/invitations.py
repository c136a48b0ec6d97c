"""Invitations: links by which people come into the workspace."""

from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from service.control import invitations
from service.model.person import Role, Scope
from service.store.links import Link
from service.web.api.resources import Named
from service.web.endpoint import Answer, Call, Endpoint


class InvitationShown(Struct, frozen=True, kw_only=True):
    """An invitation that nobody has used yet, without its link."""

    id: str
    name: str
    role: Role
    made_by: str
    created: datetime
    expires: datetime


class Invitations(Struct, frozen=True, kw_only=True):
    """Those that can still be used, the latest first."""

    items: tuple[InvitationShown, ...]


class InvitationWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invitation to be made."""

    name: Named  # of whom it is for, who can choose another
    role: Role
    days: Annotated[int, Meta(ge=1, le=invitations.LONGEST.days)] = invitations.LASTS.days


class InvitationMade(Struct, frozen=True, kw_only=True):
    """A new invitation; its link is shown this once, and works once."""

    invitation: InvitationShown
    link: str | None  # null: a request with this Idempotency-Key has made it before


async def _list(call: Call) -> Answer:
    found = await invitations.every(call.context.database, call.asker.workspace, call.context.clock.now())
    return Answer(content=Invitations(items=tuple(map(_shown, found))))


async def _add(call: Call) -> Answer:
    wanted: InvitationWanted = call.body
    made, secret = await invitations.invite(
        call.context.database,
        call.asker.actor,
        wanted.name,
        wanted.role,
        call.context.clock.now(),
        lasts=timedelta(days=wanted.days),
        once=call.once,
    )
    link = call.context.welcome(secret) if secret else None
    return Answer(content=InvitationMade(invitation=_shown(made), link=link), location=f"/invitations/{made.id}")


async def _withdraw(call: Call) -> Answer:
    now = call.context.clock.now()
    await invitations.withdraw(call.context.database, call.asker.actor, call.path["invitation"], now)
    return Answer()


def _shown(one: Link) -> InvitationShown:
    assert one.role is not None
    return InvitationShown(
        id=one.id, name=one.name, role=one.role, made_by=one.made_by, created=one.created, expires=one.expires
    )


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/invitations",
        name="list_invitations",
        summary="List the invitations that can still be used",
        scope=Scope.ADMIN,
        handler=_list,
        gives=Invitations,
    ),
    Endpoint(
        method="POST",
        path="/invitations",
        name="add_invitation",
        summary="Make an invitation; its link is shown this once",
        scope=Scope.ADMIN,
        handler=_add,
        takes=InvitationWanted,
        gives=InvitationMade,
        status=201,
        repeats=True,
    ),
    Endpoint(
        method="DELETE",
        path="/invitations/{invitation}",
        name="withdraw_invitation",
        summary="Withdraw an invitation, by its id",
        scope=Scope.ADMIN,
        handler=_withdraw,
    ),
)
