"""Rules, watchlists and channels: what is the same for each of them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from service.control import resources
from service.control.channels import Health, healths
from service.control.sections import SECTIONS, in_words, kept, shown
from service.model.person import Scope
from service.model.resource import Resource, ResourceKind
from service.store import listing
from service.web.endpoint import Answer, Call, Endpoint
from service.web.paging import Paged, behind, part

Named = Annotated[str, Meta(min_length=1, max_length=200)]
Settings = dict[str, Any]


class ResourceShown(Struct, frozen=True, kw_only=True):
    """What each of them has."""

    id: str
    name: str
    enabled: bool
    file: str | None  # that owns it, and alone may change it; null: people do
    revision: int
    created: datetime
    settings: Settings  # as in a configuration file, with `(secret)` for each secret


class RuleShown(ResourceShown, frozen=True, kw_only=True):
    """A rule as it stands."""

    asks: tuple[str, ...]  # what it asks for in words; empty: this version cannot read it, or it asks for all


class WatchlistShown(ResourceShown, frozen=True, kw_only=True):
    """A watchlist as it stands."""


class ChannelShown(ResourceShown, frozen=True, kw_only=True):
    """A channel as it stands."""

    health: Health


class Rules(Struct, frozen=True, kw_only=True):
    """Rules, by name."""

    items: tuple[RuleShown, ...]
    next: str | None  # the cursor of the next part; null: this was the last


class Watchlists(Struct, frozen=True, kw_only=True):
    """Watchlists, by name."""

    items: tuple[WatchlistShown, ...]
    next: str | None  # the cursor of the next part; null: this was the last


class Channels(Struct, frozen=True, kw_only=True):
    """Channels, by name."""

    items: tuple[ChannelShown, ...]
    next: str | None  # the cursor of the next part; null: this was the last


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be made."""

    name: Named
    settings: Settings  # as in a configuration file


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; what is left out stays."""

    name: Named | UnsetType = UNSET
    settings: Settings | UnsetType = UNSET  # all of them; `(secret)` stands for the secret that is there


_SHOWN: Mapping[ResourceKind, tuple[type[Struct], type[Struct]]] = {
    ResourceKind.RULE: (RuleShown, Rules),
    ResourceKind.WATCHLIST: (WatchlistShown, Watchlists),
    ResourceKind.CHANNEL: (ChannelShown, Channels),
}


def endpoints(kind: ResourceKind) -> tuple[Endpoint, ...]:
    """What can be asked of the resources of *kind*."""
    one, many = _SHOWN[kind]
    several, name = f"/{SECTIONS[kind]}", str(kind)
    single = f"{several}/{{{name}}}"

    def made(
        method: str, path: str, verb: str, summary: str, work: Callable[..., Awaitable[Answer]], **more: Any
    ) -> Endpoint:
        scope = Scope.READ if method == "GET" else Scope.WRITE
        handler = partial(work, kind)
        return Endpoint(method=method, path=path, name=verb, summary=summary, scope=scope, handler=handler, **more)

    return (
        made("GET", several, f"list_{name}s", f"List the {name}s", _list, asks=Paged, gives=many),
        made(
            "POST",
            several,
            f"add_{name}",
            f"Make a {name}",
            _add,
            takes=Wanted,
            gives=one,
            status=HTTPStatus.CREATED,
            repeats=True,
        ),
        made("GET", single, f"show_{name}", f"Show a {name}, by its name or id", _show, gives=one),
        made(
            "PATCH",
            single,
            f"change_{name}",
            f"Change a {name} that no file owns",
            _change,
            takes=Change,
            gives=one,
            changes=True,
        ),
        made("DELETE", single, f"remove_{name}", f"Remove a {name} that no file owns", _remove, changes=True),
        made(
            "POST",
            f"{single}/enable",
            f"enable_{name}",
            f"Enable a {name}",
            partial(_switch, enabled=True),
            gives=one,
            changes=True,
        ),
        made(
            "POST",
            f"{single}/disable",
            f"disable_{name}",
            f"Disable a {name}",
            partial(_switch, enabled=False),
            gives=one,
            changes=True,
        ),
    )


async def answer(call: Call, one: Resource, *, made: bool = False) -> Answer:
    """*one* as it stands, with its revision; where it was just *made*, and where to find it."""
    show = await _shower(call, one.kind)
    where = f"/{SECTIONS[one.kind]}/{one.id}" if made else None
    return Answer(content=show(one), revision=one.revision, location=where)


async def _list(kind: ResourceKind, call: Call) -> Answer:
    after = behind(call.query.cursor, str)
    database, limit = call.context.database, call.query.limit
    mine = await listing.page(database, call.asker.workspace, kind, 0, limit + 1, behind=after)
    found, following = part(mine.found, limit, lambda one: one.name)
    show = await _shower(call, kind)
    _, many = _SHOWN[kind]
    return Answer(content=many(items=tuple(map(show, found)), next=following))


async def _show(kind: ResourceKind, call: Call) -> Answer:
    return await answer(call, await _found(kind, call))


async def _add(kind: ResourceKind, call: Call) -> Answer:
    context, wanted = call.context, call.body
    now = context.clock.now()
    one = await resources.add(
        context.database,
        context.vault,
        call.asker.actor,
        kind,
        wanted.name,
        wanted.settings,
        now,
        once=call.once,
        egress=context.settings.egress,
    )
    return await answer(call, one, made=True)


async def _change(kind: ResourceKind, call: Call) -> Answer:
    context, change = call.context, call.body
    before = await _found(kind, call)
    one = await resources.edit(
        context.database,
        context.vault,
        call.asker.actor,
        kind,
        before.id,
        context.clock.now(),
        content=None if change.settings is UNSET else kept(change.settings, before, context.vault),
        name=None if change.name is UNSET else change.name,
        expected=call.expected if call.expected is not None else before.revision,
        egress=context.settings.egress,
    )
    return await answer(call, one)


async def _remove(kind: ResourceKind, call: Call) -> Answer:
    now, named = call.context.clock.now(), call.path[kind]
    await resources.remove(call.context.database, call.asker.actor, kind, named, now, expected=call.expected)
    return Answer()


async def _switch(kind: ResourceKind, call: Call, *, enabled: bool) -> Answer:
    now, named = call.context.clock.now(), call.path[kind]
    one = await resources.switch(
        call.context.database, call.asker.actor, kind, named, now, enabled=enabled, expected=call.expected
    )
    return await answer(call, one)


async def _found(kind: ResourceKind, call: Call) -> Resource:
    return await resources.find(call.context.database, call.asker.workspace, kind, call.path[kind])


async def _shower(call: Call, kind: ResourceKind) -> Callable[[Resource], Struct]:
    """What makes of a resource of *kind* what is shown of it."""
    of, _ = _SHOWN[kind]
    others = resources.OTHERS if kind is ResourceKind.RULE else ()  # which it can name
    known = await resources.outline(call.context.database, call.asker.workspace, *others)
    found = await healths(call.context.database, call.context.clock.now()) if kind is ResourceKind.CHANNEL else {}

    def show(one: Resource) -> Struct:
        more: dict[str, Any] = {}
        if kind is ResourceKind.CHANNEL:
            more = {"health": found[one.id]}
        elif kind is ResourceKind.RULE:
            more = {"asks": in_words(one, known)}
        return of(
            id=one.id,
            name=one.name,
            enabled=one.enabled,
            file=one.file,
            revision=one.revision,
            created=one.created,
            settings=shown(one, known),
            **more,
        )

    return show
