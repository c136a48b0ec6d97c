"""Watchlists, what their entries stand for, and portfolios."""

import asyncio
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from service.control import entries
from service.control.entries import Entry
from service.control.importing import Unplaced, import_rows
from service.control.portfolio import rows_of
from service.model.person import Scope
from service.model.resource import ResourceKind
from service.web.api import resources
from service.web.api.resources import Named
from service.web.endpoint import Answer, Call, Endpoint


class Entries(Struct, frozen=True, kw_only=True):
    """What a watchlist's entries stand for today."""

    list_of: date | None  # the day of the SEC's list they were held against; null: none has come yet
    items: tuple[Entry, ...]


class Portfolio(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Companies to be put on a watchlist, which is made if it is not there."""

    watchlist: Named
    text: Annotated[str, Meta(max_length=6_000_000)]  # CSV with a header, or a ticker, CIK or name on each line
    partly: bool = False  # leave out the lines that cannot be placed
    replace: bool = False  # take off the companies that it lacks


class Imported(Struct, frozen=True, kw_only=True):
    """What came of a portfolio."""

    id: str  # of the watchlist
    revision: int
    made: bool  # the watchlist was not there before
    lines: int
    new: int  # entries
    there: int  # entries that it had before, or that several lines name
    unplaced: tuple[Unplaced, ...]  # the first lines that were left out
    unplaced_count: int
    list_of: date | None  # the day of the SEC's list; null: none has come yet, and nothing was checked


async def _entries(call: Call) -> Answer:
    (found,) = await entries.check(call.context.database, call.asker.workspace, call.path["watchlist"])
    return Answer(content=Entries(list_of=found.list_of, items=found.entries))


async def _import(call: Call) -> Answer:
    context, given = call.context, call.body
    found = await import_rows(
        context.database,
        context.vault,
        call.asker.actor,
        given.watchlist,
        await asyncio.to_thread(rows_of, given.text, "text"),
        context.clock.now(),
        partly=given.partly,
        replace=given.replace,
    )
    content = Imported(
        id=found.watchlist.id,
        revision=found.watchlist.revision,
        made=found.made,
        lines=found.lines,
        new=found.new,
        there=found.there,
        unplaced=found.unplaced,
        unplaced_count=found.unplaced_count,
        list_of=found.list_of,
    )
    return Answer(content=content, revision=found.watchlist.revision)


ENDPOINTS = (
    *resources.endpoints(ResourceKind.WATCHLIST),
    Endpoint(
        method="GET",
        path="/watchlists/{watchlist}/entries",
        name="list_entries",
        summary="Show which company each entry stands for today",
        scope=Scope.READ,
        handler=_entries,
        gives=Entries,
    ),
    Endpoint(
        method="POST",
        path="/portfolios",
        name="import_portfolio",
        summary="Put the companies of a portfolio on a watchlist: all of its lines, or none",
        scope=Scope.WRITE,
        handler=_import,
        takes=Portfolio,
        gives=Imported,
    ),
)
