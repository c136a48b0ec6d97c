"""``rules``, ``watchlists`` and ``channels``: what they are now, and changing what no file owns."""

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from rich.table import Table
from ruamel.yaml import YAML

from service import settings as environment
from service.cli.given import settings_of
from service.cli.out import print_json
from service.cli.screen import Screen
from service.clock import now
from service.control import resources
from service.control.channels import Health, healths, open_circuit
from service.control.sections import SECTIONS, Inventory, in_words, kept, shown
from service.control.workspaces import called
from service.model.audit import Change
from service.model.calendar import EASTERN
from service.model.circuit import Circuit
from service.model.errors import ConfigError
from service.model.identity import Revision, WorkspaceId
from service.model.resource import Actor, Resource, ResourceKind
from service.runtime.opened import opened
from service.store import Database, deliveries
from service.store import resources as stored
from service.text import one_line
from service.vault import Vault, open_vault
from service.words import counted, eastern

_BESIDE = ("priority", "max_per_hour", "channels")  # what a rule has beside its claims, and a list shows
_NAMED = 12  # of a setting's values, where all resources are listed


@asynccontextmanager
async def acting(
    workspace: str, *, create: bool = False, seals: bool = False
) -> AsyncIterator[tuple[Database, Vault, Actor]]:
    """The database, and this person in *workspace*; raises NotFound where there is no such workspace.

    A database that is not there yet is made if *create* is true, and a key if that or *seals* is.
    """
    settings = environment.load()
    async with opened(create=create) as (database, _):
        actor = whoever_types(await called(database, workspace))
        yield database, open_vault(settings.home, settings.vault_key, make=create or seals), actor


def whoever_types(workspace: WorkspaceId) -> Actor:
    """Whose command it is, as the log of changes has it."""
    return Actor(name=f"cli:{getpass.getuser()}", workspace=workspace)


def show_list(kind: ResourceKind, workspace: str, *, as_json: bool) -> None:
    """Every resource of *kind*: who owns it, and whether it is enabled."""

    async def read() -> tuple[Inventory, list[tuple[Resource, Health | None]]]:
        async with acting(workspace) as (database, _, actor):
            known = await resources.inventory(database, actor.workspace)
            health = await _healths(database, kind)
            return known, [(one, health(one)) for one in known if one.kind is kind]

    known, found = asyncio.run(read())
    if as_json:
        print_json([_plain(one, known, health) for one, health in found])
        return
    if not found:
        Screen().print(f"no {SECTIONS[kind]} yet: filingbell {SECTIONS[kind]} add, or filingbell apply FILE")
        return
    states = [_state(one, health) for one, health in found]
    table = Table("Name", "Settings" if kind is ResourceKind.CHANNEL else "Asks for", "Owned by")
    if any(states):
        table.add_column("State")
    for (one, _), state in zip(found, states, strict=True):
        table.add_row(one.name, _asks(one, known), one.file or "people", *([state] if any(states) else []))
    Screen().print(table)


def show(kind: ResourceKind, named: str, workspace: str, *, as_json: bool) -> None:
    """One resource whole, as its author would write it, with its last changes."""

    async def read() -> tuple[Inventory, Resource, Health | None, list[Change]]:
        async with acting(workspace) as (database, _, actor):
            known = await resources.inventory(database, actor.workspace)
            one = await resources.find(database, actor.workspace, kind, named)
            health = (await _healths(database, kind))(one)
            return known, one, health, await stored.history(database, actor.workspace, one.id, 10)

    known, one, health, changes = asyncio.run(read())
    if as_json:
        print_json({**_plain(one, known, health), "changes": [_told(change) for change in changes]})
        return
    screen, state = Screen(), _state(one, health)
    screen.print(f"{kind} {one.name}{f' ({state})' if state else ''}, {one.id}, revision {one.revision}")
    if health is not None and health.disabled_because:
        screen.print(f"disabled because of {health.disabled_because}")
    screen.print(f"owned by {one.file or 'people'}\n")
    YAML().dump({one.name: shown(one, known)}, sys.stdout)
    screen.print()
    if one.kind is ResourceKind.RULE:
        screen.print(f"read as: {' and '.join(_claims(one, known)) or 'every filing'}\n")
    for change in changes:
        why = f": {one_line(change.reason)}" if change.reason else ""
        screen.print(f"{change.at.astimezone(EASTERN):%Y-%m-%d %H:%M:%S %Z}  {change.action} by {change.actor}{why}")


def add(kind: ResourceKind, name: str, given: Sequence[str], file: str | None, workspace: str) -> None:
    """Make one from KEY=VALUE settings or a YAML file."""

    async def write() -> Resource:
        async with acting(workspace, create=True) as (database, vault, actor):
            content, egress = settings_of(name, given, file, {}), environment.load().egress
            return await resources.add(database, vault, actor, kind, name, content, now(), egress=egress)

    made = asyncio.run(write())
    Screen().print(f"added {kind} {made.name} ({made.id}); a running service follows within 2 seconds")


def edit(
    kind: ResourceKind,
    named: str,
    given: Sequence[str],
    file: str | None,
    name: str | None,
    revision: int | None,
    workspace: str,
) -> None:
    """Change settings, or the name; ``KEY=`` takes a setting away."""
    if not given and file is None and name is None:
        raise ConfigError(f"say what to change of the {kind} {named!r}: KEY=VALUE, KEY=, --file FILE or --rename NAME")

    async def write() -> tuple[Resource, Resource]:
        async with acting(workspace, seals=True) as (database, vault, actor):
            known = await resources.inventory(database, actor.workspace)
            before = await resources.find(database, actor.workspace, kind, named)
            content = None
            if given or file is not None:
                content = kept(settings_of(before.name, given, file, shown(before, known)), before, vault)
            expected = before.revision if revision is None else Revision(revision)
            after = await resources.edit(
                database,
                vault,
                actor,
                kind,
                before.id,
                now(),
                content=content,
                name=name,
                expected=expected,
                egress=environment.load().egress,
            )
            return before, after

    before, after = asyncio.run(write())
    changed = f"changed {kind} {after.name}, now at revision {after.revision}"
    Screen().print(changed if after != before else f"{kind} {after.name} is so already; nothing was changed")


def remove(kind: ResourceKind, named: str, workspace: str) -> None:
    """Take it away."""

    async def write() -> tuple[Resource, int]:
        async with acting(workspace) as (database, _, actor):
            gone = await resources.remove(database, actor, kind, named, now())
            return gone, (await deliveries.pending(database)).get(gone.id, 0)

    gone, waiting = asyncio.run(write())
    Screen().print(f"removed {kind} {gone.name}{still_owed(gone.name, waiting)}")


def still_owed(channel: str, waiting: int) -> str:
    """What becomes of the *waiting* deliveries of a *channel* that is removed; nothing, where there are none."""
    if not waiting:
        return ""
    wait, stay = counted(waiting, "delivery waits", "deliveries wait"), "stays" if waiting == 1 else "stay"
    return f" ({wait} for it, and {stay}: filingbell deliveries move {channel} OTHER)"


def switch(kind: ResourceKind, named: str, workspace: str, *, enabled: bool) -> None:
    """Enable or disable it."""

    async def write() -> Resource:
        async with acting(workspace) as (database, _, actor):
            return await resources.switch(database, actor, kind, named, now(), enabled=enabled)

    one = asyncio.run(write())
    Screen().print(f"{kind} {one.name} is {'enabled' if one.enabled else 'disabled'}")


def _claims(one: Resource, known: Inventory) -> tuple[str, ...]:
    """What a rule asks for in words; nothing where it is no rule."""
    return in_words(one, known) if one.kind is ResourceKind.RULE else ()


def _asks(one: Resource, known: Inventory) -> str:
    section = shown(one, known)
    if one.kind is ResourceKind.RULE:
        beside: dict[str, Any] = {key: section[key] for key in _BESIDE if key in section}
        return f"{' and '.join(_claims(one, known)) or 'every filing'}; {_brief(beside)}"
    return _brief(section)


def _brief(section: dict[str, Any]) -> str:
    return ", ".join(f"{key}: {_short(value)}" for key, value in section.items())


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return f"({_brief(value)})"
    return _few(value) if isinstance(value, list) else str(value)


def _few(values: list[Any]) -> str:
    more = f" and {len(values) - _NAMED:,} more" if len(values) > _NAMED else ""
    return f"{'/'.join(map(str, values[:_NAMED]))}{more}"


async def _healths(database: Database, kind: ResourceKind) -> Callable[[Resource], Health | None]:
    """How a resource fares: a channel, since others cannot fail."""
    if kind is not ResourceKind.CHANNEL:
        return lambda _: None
    found = await healths(database, now())
    return lambda one: found[one.id]


def _state(resource: Resource, health: Health | None) -> str:
    """What is not as it should be with *resource*."""
    if not resource.enabled:
        return "disabled"
    if health is None:
        return ""
    if health.disabled_since:
        return f"disabled: no success since {eastern(health.failing_since or health.disabled_since)}"
    if health.circuit_open_since:
        circuit = Circuit(opened=health.circuit_open_since, probe_at=health.probe_at)
        return f"circuit {open_circuit(circuit)}"
    return f"failing since {eastern(health.failing_since)}" if health.failing_since else ""


def _plain(resource: Resource, known: Inventory, health: Health | None) -> dict[str, Any]:
    fares = {} if health is None else {"health": {name: getattr(health, name) for name in health.__struct_fields__}}
    asks = {"asks": in_words(resource, known)} if resource.kind is ResourceKind.RULE else {}
    return {
        **fares,
        "id": resource.id,
        "name": resource.name,
        "enabled": resource.enabled,
        "file": resource.file,
        "revision": resource.revision,
        "created": resource.created,
        "settings": shown(resource, known),
        **asks,
    }


def _told(change: Change) -> dict[str, Any]:
    return {
        "revision": change.revision,
        "at": change.at,
        "actor": change.actor,
        "action": change.action,
        "reason": change.reason,
    }
