"""A filter of the tape as a rule that is not made yet."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from service.control import resources
from service.control.tape_filter import Filter, sought
from service.model.errors import Fault, Faulty
from service.model.fact import Kind
from service.model.identity import WorkspaceId
from service.model.resource import Actor, ResourceKind
from service.store import Database
from service.store.tape import Facet, of_facet
from service.store.tape_search import TapeQuery
from service.vault import Vault

_NOBODY = "nobody on the tape has such a name"
_TRADES = [Kind.PURCHASE.value, Kind.SALE.value]


class RuleDraft(Struct, frozen=True, kw_only=True):
    """A rule, in the words of the configuration."""

    name: str
    content: dict[str, Any]
    watchlist: str | None = None  # the name of the one that it watches; None: it watches everybody


async def drafted(database: Database, vault: Vault, actor: Actor, wanted: Filter, now: datetime) -> RuleDraft:
    """The rule that rings where *wanted* lets through; a watchlist of those whom it names is made, if there is none.

    A rule is for what comes: days, and what has rung, are no part of it. Raises Faulty, with the names of fields.
    """
    meant = await sought(database, actor.workspace, wanted)
    if meant is None:
        raise Faulty("the filter cannot be saved:", (Fault(("company" if wanted.company else "owner",), _NOBODY),))
    entries = {"ciks": of_facet(meant.keys, Facet.ISSUER), "owners": of_facet(meant.keys, Facet.OWNER)}
    if all(entries.values()):
        why = "a rule watches a company or an insider: leave one of the two empty to save it"
        raise Faulty("the filter cannot be saved:", (Fault(("owner",), why),))
    named = {key: list(ciks) for key, ciks in entries.items() if ciks}
    watchlist = (
        await _watched(database, vault, actor, wanted.company or wanted.owner or "", named, now) if named else None
    )
    content = _content(meant, watchlist) | await _channels(database, actor.workspace)
    return RuleDraft(name=_name(wanted), content=content, watchlist=watchlist)


def _content(meant: TapeQuery, watchlist: str | None) -> dict[str, Any]:
    kinds = sorted(kind.value for kind in meant.kinds)
    content: dict[str, Any] = {"watchlist": watchlist} if watchlist else {}
    if meant.worth is not None:
        kinds = kinds or _TRADES
        fact = "exercise_value" if kinds == [Kind.OPTION_GRANT] else "value"
        content |= {fact: f">= ${meant.worth:,}", "per": "filing"}
    return ({"kinds": kinds[0] if len(kinds) == 1 else kinds} if kinds else {}) | content


async def _channels(database: Database, workspace: WorkspaceId) -> dict[str, Any]:
    """Whom to tell, where that is no question."""
    there = await resources.of_kind(database, workspace, ResourceKind.CHANNEL)
    return {"channels": there[0].name} if len(there) == 1 else {}


async def _watched(
    database: Database, vault: Vault, actor: Actor, name: str, entries: dict[str, list[str]], now: datetime
) -> str:
    """The name of a watchlist with *entries*: one that is there, or one that is made."""
    there = await resources.of_kind(database, actor.workspace, ResourceKind.WATCHLIST)
    for one in there:
        if {key: sorted(map(str, value)) for key, value in one.section.items()} == entries:
            return one.name
    taken = {one.name for one in there}
    free = next(one for one in (name, *(f"{name} {number}" for number in range(2, len(taken) + 3))) if one not in taken)
    made = await resources.add(database, vault, actor, ResourceKind.WATCHLIST, free, entries, now)
    return made.name


def _name(wanted: Filter) -> str:
    """What a person may call it."""
    parts = [wanted.company, wanted.owner, wanted.kind, wanted.worth and f"from {wanted.worth}"]
    return " ".join(part.strip() for part in parts if part) or "all filings"
