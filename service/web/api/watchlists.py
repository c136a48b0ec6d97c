"""Watchlists, what their entries stand for, and portfolios."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from service.control import entries, putting
from service.control.entries import WatchlistEntry
from service.control.importing import Unplaced, import_rows
from service.control.portfolio import rows_of
from service.model.person import Scope
from service.model.resource import Resource, ResourceKind
from service.web.api import resources
from service.web.api.resources import Named
from service.web.endpoint import Answer, Call, Endpoint

Key = Literal["tickers", "ciks", "owners"]  # below which an entry stands


class Entries(Struct, frozen=True, kw_only=True):
    """What a watchlist's entries stand for today."""

    list_of: date | None  # the day of the SEC's list they were held against; null: none has come yet
    items: tuple[WatchlistEntry, ...]


class Portfolio(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Companies to be put on a watchlist, which is made if it is not there."""

    watchlist: Named
    text: Annotated[str, Meta(max_length=6_000_000)]  # CSV with a header, or a ticker, CIK or name on each line
    partly: bool = False  # leave out the lines that cannot be placed
    replace: bool = False  # take off the companies that it lacks


class OneEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of a watchlist."""

    key: Key
    entry: Annotated[str, Meta(min_length=1, max_length=200)]  # a ticker, a CIK, or a person's or fund's CIK or name
    left_out: bool = False  # it says whom the watchlist does not mean


class Accepted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tickers that have moved to another company, and are to be followed there."""

    tickers: Annotated[tuple[Named, ...], Meta(max_length=100_000)] = ()  # empty: all that have moved


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


async def _put(call: Call) -> Answer:
    return await _changed(call, putting.put)


async def _take(call: Call) -> Answer:
    return await _changed(call, putting.take)


async def _changed(call: Call, change: Callable[..., Awaitable[Resource]]) -> Answer:
    context, given = call.context, call.body
    one = await change(
        context.database,
        context.vault,
        call.asker.actor,
        call.path["watchlist"],
        given.key,
        given.entry,
        context.clock.now(),
        left_out=given.left_out,
        expected=call.expected,
    )
    return await resources.answer(call, one)


async def _accept(call: Call) -> Answer:
    context, wanted = call.context, [one.upper() for one in call.body.tickers]
    one, _ = await entries.accept(
        context.database,
        call.asker.actor,
        call.path["watchlist"],
        wanted,
        context.clock.now(),
        expected=call.expected,
    )
    return await resources.answer(call, one)


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
    *(
        Endpoint(
            method="POST",
            path=f"/watchlists/{{watchlist}}/{path}",
            name=name,
            summary=summary,
            scope=Scope.WRITE,
            handler=handler,
            takes=takes,
            gives=resources.WatchlistShown,
            changes=True,
        )
        for path, name, summary, handler, takes in (
            ("entries", "add_entry", "Add an entry to a watchlist that no file owns", _put, OneEntry),
            ("entries/remove", "remove_entry", "Remove an entry of a watchlist that no file owns", _take, OneEntry),
            (
                "accept",
                "accept_tickers",
                "Follow tickers that have moved to another company",
                _accept,
                Accepted,
            ),
        )
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
