"""What is wrong now: with the whole service, and with what is the workspace's."""

from datetime import datetime

from msgspec import Struct

from service.model.notice import NoticeKind
from service.model.person import Scope
from service.watch.condition import Condition, Severity
from service.web.endpoint import Answer, Call, Endpoint


class ConditionShown(Struct, frozen=True, kw_only=True):
    """Something that is wrong now."""

    kind: NoticeKind
    subject: str  # what it is about, among others of its kind
    since: datetime | None  # null: nobody can tell
    headline: str
    lines: tuple[str, ...]  # what to know and what to do
    severity: Severity


class Conditions(Struct, frozen=True, kw_only=True):
    """All that is wrong now; empty: nothing is."""

    items: tuple[ConditionShown, ...]


async def _list(call: Call) -> Answer:
    found = await call.context.looks.conditions()
    mine = (one for one in found if one.workspace in (None, call.asker.workspace))
    return Answer(content=Conditions(items=tuple(map(_shown, mine))))


def _shown(one: Condition) -> ConditionShown:
    return ConditionShown(**{name: getattr(one, name) for name in ConditionShown.__struct_fields__})


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/conditions",
        name="list_conditions",
        summary="Show what is wrong now",
        scope=Scope.READ,
        handler=_list,
        gives=Conditions,
    ),
)
