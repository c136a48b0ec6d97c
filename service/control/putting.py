"""Entries of a watchlist, added and removed one by one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from consumers.parser.symbols import ticker
from service.control import resources
from service.model.errors import Fault, Faulty
from service.model.identity import Revision
from service.model.resource import Actor, Resource, ResourceKind
from service.names import folded
from service.store import Database
from service.vault import Vault

KEYS = ("tickers", "ciks", "owners")
"""Those of a watchlist, and of its exceptions, below which entries stand."""

_EXCEPT = "except"
_LIST = ResourceKind.WATCHLIST


def each(section: Mapping[str, Any], key: str, *, left_out: bool = False) -> list[Any]:
    """The entries below *key* of a watchlist's *section*, or of its exceptions, as they are written."""
    within = (section.get(_EXCEPT) or {}) if left_out else section
    value = within.get(key)
    return [] if value is None else list(value) if isinstance(value, list) else [value]


async def put(
    database: Database,
    vault: Vault,
    actor: Actor,
    named: str,
    key: str,
    text: str,
    now: datetime,
    *,
    left_out: bool = False,
    expected: Revision | None = None,
) -> Resource:
    """Add the entry *text* below *key*; *left_out*: to those whom the watchlist does not mean.

    Raises NotFound, Forbidden, Stale, and Faulty where it is no such entry, or is there already.
    """
    before = resources.current(await resources.find(database, actor.workspace, _LIST, named), expected)
    if any(_same(key, text, other) for other in each(before.section, key, left_out=left_out)):
        raise Faulty("the entry was not added:", (Fault(("entry",), "this is on the list already"),))
    content = _with(before.section, key, [*each(before.section, key, left_out=left_out), text], left_out=left_out)
    return await _edit(database, vault, actor, before, content, now, expected)


async def take(
    database: Database,
    vault: Vault,
    actor: Actor,
    named: str,
    key: str,
    text: str,
    now: datetime,
    *,
    left_out: bool = False,
    expected: Revision | None = None,
) -> Resource:
    """Remove the entry *text* from below *key*, or from those whom the watchlist does not mean.

    Raises NotFound, Forbidden, Stale, and Faulty where it is not there, or is the last one.
    """
    before = resources.current(await resources.find(database, actor.workspace, _LIST, named), expected)
    there = each(before.section, key, left_out=left_out)
    left = [other for other in there if not _same(key, text, other)]
    if len(left) == len(there):
        raise Faulty("the entry was not removed:", (Fault(("entry",), "this is not on the list"),))
    return await _edit(
        database, vault, actor, before, _with(before.section, key, left, left_out=left_out), now, expected
    )


async def _edit(
    database: Database,
    vault: Vault,
    actor: Actor,
    before: Resource,
    content: dict[str, Any],
    now: datetime,
    expected: Revision | None,
) -> Resource:
    at = before.revision if expected is None else expected
    try:
        return await resources.edit(database, vault, actor, _LIST, before.id, now, content=content, expected=at)
    except Faulty as error:
        raise Faulty("the watchlist was not changed:", tuple(_at_entry(one) for one in error.faults)) from None


def _at_entry(fault: Fault) -> Fault:
    return Fault(("entry",), fault.message)


def _with(section: Mapping[str, Any], key: str, entries: list[Any], *, left_out: bool) -> dict[str, Any]:
    """*section* with *entries* below *key*; without the key where there are none."""
    within = dict((section.get(_EXCEPT) or {}) if left_out else section)
    within.pop(key, None)
    if entries:
        within[key] = entries
    if not left_out:
        return within
    others = {name: value for name, value in section.items() if name != _EXCEPT}
    return others | ({_EXCEPT: within} if within else {})


def _same(key: str, one: Any, other: Any) -> bool:
    """Whether two entries mean the same, however they are written."""
    return _plain(key, str(one)) == _plain(key, str(other))


def _plain(key: str, text: str) -> str:
    if key == "tickers":
        return ticker(text) or text
    return text.zfill(10) if text.isdecimal() else folded(text) if key == "owners" else text
