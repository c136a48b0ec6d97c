"""Silences: for a time, alerts that match are kept and not sent."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from service.control import silences
from service.control.silences import NAMED, REASON, SilenceDraft
from service.model.person import Scope
from service.model.silence import Matcher, Silence
from service.store.silences import Counted
from service.web.endpoint import Answer, Call, Endpoint
from service.web.paging import Limit, Moment

_Names = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...], Meta(max_length=NAMED)]


class SilencesAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which silences are asked for."""

    limit: Limit = 100
    ended: bool = False  # also those that have ended


class SilenceShown(Struct, frozen=True, kw_only=True):
    """A silence."""

    id: str
    matcher: Matcher
    means: str  # the matcher in words
    reason: str
    made_by: str
    created: datetime
    ends: datetime
    ended_by: str | None  # who ended it early; null: nobody has
    suppressed: int  # deliveries that were not sent for it


class Silences(Struct, frozen=True, kw_only=True):
    """Silences, the last to end first."""

    items: tuple[SilenceShown, ...]


class SilenceWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A silence to be made: everything that is given must hold, each by one of what it names."""

    tickers: _Names = ()
    companies: _Names = ()  # their CIKs
    owners: _Names = ()  # their CIKs; of several owners of a filing one is enough
    rules: _Names = ()  # their names or ids
    kinds: _Names = ()  # an alert is silenced where every row that met its rule is of one of these
    reason: Annotated[str, Meta(min_length=1, max_length=REASON)]
    ends: Moment


async def _list(call: Call) -> Answer:
    asked: SilencesAsked = call.query
    database, now = call.context.database, call.context.clock.now()
    found = await silences.listed(database, call.asker.workspace, now, asked.limit, ended=asked.ended)
    return Answer(content=Silences(items=tuple(await _shown(call, found))))


async def _show(call: Call) -> Answer:
    return Answer(content=await _one(call, call.path["silence"]))


async def _add(call: Call) -> Answer:
    wanted: SilenceWanted = call.body
    draft = SilenceDraft(**{name: getattr(wanted, name) for name in SilenceDraft.__struct_fields__})
    now = call.context.clock.now()
    made = await silences.add(call.context.database, call.asker.actor, draft, wanted.ends, now, once=call.once)
    return Answer(content=await _one(call, made.id), location=f"/silences/{made.id}")


async def _end(call: Call) -> Answer:
    now = call.context.clock.now()
    ended: Silence = await silences.end(call.context.database, call.asker.actor, call.path["silence"], now)
    return Answer(content=await _one(call, ended.id))


async def _one(call: Call, silence: str) -> SilenceShown:
    found = await silences.find(call.context.database, call.asker.workspace, silence)
    (shown,) = await _shown(call, [found])
    return shown


async def _shown(call: Call, found: list[Counted]) -> list[SilenceShown]:
    words = await silences.in_words(call.context.database, [one.silence for one in found])
    own = [name for name in SilenceShown.__struct_fields__ if name in Silence.__struct_fields__]
    return [
        SilenceShown(
            means=words[one.silence.id],
            suppressed=one.suppressed,
            **{name: getattr(one.silence, name) for name in own},
        )
        for one in found
    ]


_ONE = "/silences/{silence}"

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/silences",
        name="list_silences",
        summary="List the silences that hold, the last to end first",
        scope=Scope.READ,
        handler=_list,
        asks=SilencesAsked,
        gives=Silences,
    ),
    Endpoint(
        method="POST",
        path="/silences",
        name="add_silence",
        summary="Make a silence: until it ends, alerts that match are kept and not sent",
        scope=Scope.WRITE,
        handler=_add,
        takes=SilenceWanted,
        gives=SilenceShown,
        status=201,
        repeats=True,
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        name="show_silence",
        summary="Show a silence, and how much was not sent for it",
        scope=Scope.READ,
        handler=_show,
        gives=SilenceShown,
    ),
    Endpoint(
        method="DELETE",
        path=_ONE,
        name="end_silence",
        summary="End a silence now; what it kept stays kept, and can be sent",
        scope=Scope.WRITE,
        handler=_end,
        gives=SilenceShown,
    ),
)
