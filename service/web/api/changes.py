"""The log of changes: who changed what in the workspace."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from service.control import audit
from service.model.audit import Change, ChangeSubject
from service.model.errors import NotFound
from service.model.identity import Revision
from service.model.person import Scope
from service.model.resource import Action
from service.store.audit import WhichChanges
from service.web.endpoint import Answer, Call, Endpoint
from service.web.paging import Paged, behind, part


class ChangesAsked(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which changes are asked for."""

    kind: ChangeSubject | None = None
    of: str | None = None  # the id of what was changed
    actor: str | None = None  # such as `person:anna`, `token:script`, `cli:anna`, or a file


class ChangeShown(Struct, frozen=True, kw_only=True):
    """One change."""

    revision: int
    at: datetime
    actor: str
    workspace: str | None  # its id; null: it is the whole instance's
    kind: ChangeSubject
    id: str  # of what was changed
    name: str  # as it was called then
    action: Action
    before: Mapping[str, Any] | None  # as it stood, secrets left out; null: it was not there
    after: Mapping[str, Any] | None
    reason: str | None
    cut: bool  # `before` and `after` are left out: they are too large for a list


class Changes(Struct, frozen=True, kw_only=True):
    """Changes, the latest first."""

    items: tuple[ChangeShown, ...]
    next: str | None  # the cursor of the next part; null: this was the last


async def _list(call: Call) -> Answer:
    asked: ChangesAsked = call.query
    which = WhichChanges(
        workspace=call.asker.workspace,
        whole=Scope.INSTANCE in call.asker.scopes,
        kind=asked.kind,
        resource=asked.of,
        actor=asked.actor,
        before=behind(asked.cursor, Revision),
    )
    found = await audit.history(call.context.database, which, asked.limit + 1)
    items, following = part(found, asked.limit, lambda one: one.revision)
    return Answer(content=Changes(items=tuple(map(_shown, items)), next=following))


async def _show(call: Call) -> Answer:
    which = WhichChanges(workspace=call.asker.workspace, whole=Scope.INSTANCE in call.asker.scopes)
    given = call.path["revision"]
    if not re.fullmatch(r"\d{1,18}", given, re.ASCII):
        raise NotFound("there is no such change")
    return Answer(content=_shown(await audit.find(call.context.database, which, Revision(int(given)))))


def _shown(one: Change) -> ChangeShown:
    same = {name: getattr(one, name) for name in Change.__struct_fields__ if name != "resource"}
    return ChangeShown(id=one.resource, **same)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/changes",
        name="list_changes",
        summary="List who changed what, latest first; with the scope `instance`, in the whole instance too",
        scope=Scope.ADMIN,
        handler=_list,
        asks=ChangesAsked,
        gives=Changes,
    ),
    Endpoint(
        method="GET",
        path="/changes/{revision}",
        name="show_change",
        summary="Show a change, however large it is",
        scope=Scope.ADMIN,
        handler=_show,
        gives=ChangeShown,
    ),
)
