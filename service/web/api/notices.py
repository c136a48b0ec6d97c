"""What the service has told of itself, and whom."""

from datetime import datetime

from msgspec import Struct

from service.control import notices
from service.model.delivery import DeliveryState
from service.model.notice import EventType, Notice, NoticeKind
from service.model.person import Scope
from service.store.notices import KeptNotice, Place, ToldTo
from service.web.endpoint import Answer, Call, Endpoint
from service.web.paging import Paged, behind, part


class NoticeTold(Struct, frozen=True, kw_only=True):
    """A channel, and what became of a notice for it."""

    channel: str  # its id
    channel_name: str
    state: DeliveryState
    reason: str | None  # why it has not arrived; null: it has, or was not tried


class NoticeShown(Struct, frozen=True, kw_only=True):
    """A notice, and whom it was told."""

    id: str
    event: EventType
    kind: NoticeKind
    subject: str  # what it is about, among others of its kind
    cleared: bool  # it is over
    reminder: bool  # it was told before, and still stands
    headline: str
    lines: tuple[str, ...]  # what to know and what to do
    at: datetime
    told: tuple[NoticeTold, ...]  # empty: no channel for operations was named then, or it is not decided yet


class Notices(Struct, frozen=True, kw_only=True):
    """Notices, latest first."""

    items: tuple[NoticeShown, ...]
    next: str | None  # the cursor of the next part; null: this was the last


async def _list(call: Call) -> Answer:
    asked: Paged = call.query
    last: Place | None = behind(asked.cursor, Place)
    found = await notices.latest(call.context.database, call.asker.workspace, asked.limit + 1, last)
    items, following = part(found, asked.limit, lambda one: one.place)
    return Answer(content=Notices(items=tuple(map(_shown, items)), next=following))


def _shown(one: KeptNotice) -> NoticeShown:
    own = [name for name in NoticeShown.__struct_fields__ if name in Notice.__struct_fields__ and name != "event"]
    same = {name: getattr(one.notice, name) for name in own}
    return NoticeShown(event=notices.event(one), told=tuple(map(_told, one.told)), **same)


def _told(one: ToldTo) -> NoticeTold:
    return NoticeTold(channel=one.channel, channel_name=one.name, state=one.state, reason=one.reason)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/notices",
        name="list_notices",
        summary="List what the service has told of itself, latest first",
        scope=Scope.READ,
        handler=_list,
        asks=Paged,
        gives=Notices,
    ),
)
