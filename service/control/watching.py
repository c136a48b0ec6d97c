"""Watchlists as people look at them: what each has, what of it is to be looked at, and which rules use it."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from consumers.language.rules import watchlists
from consumers.parser.symbols import ticker
from service.control import resources
from service.control.entries import WatchlistEntry, entries_of
from service.control.nearest import Nearest
from service.control.putting import KEYS, each
from service.model.audit import Change
from service.model.identity import WorkspaceId
from service.model.resource import Resource, ResourceKind
from service.model.tickers import Tickers
from service.store import Database, listing, moved, tickers
from service.store import resources as kept

_LATELY = 20  # changes
_LIST = ResourceKind.WATCHLIST


class WatchlistLine(Struct, frozen=True, kw_only=True):
    """One watchlist."""

    watchlist: Resource
    counts: Mapping[str, int]  # entries by key of the watchlist
    left_out: int  # entries that say whom it does not mean
    to_look_at: int  # tickers that have moved, or are not placed
    used_by: int  # rules


class WatchlistsOverview(Struct, frozen=True, kw_only=True):
    """A part of the watchlists."""

    lines: tuple[WatchlistLine, ...]
    total: int


class Written(Struct, frozen=True, kw_only=True):
    """One entry as it was written, and what it stands for."""

    key: str  # of the watchlist: tickers, ciks or owners
    text: str
    entry: WatchlistEntry


class User(Struct, frozen=True, kw_only=True):
    """A rule that uses a watchlist."""

    id: str
    name: str


class WatchlistDetail(Struct, frozen=True, kw_only=True):
    """One watchlist, with a part of its entries."""

    watchlist: Resource
    entries: tuple[Written, ...]
    total: int  # entries that were looked for
    count: int  # all entries
    to_look_at: int
    moved: int
    list_of: date | None  # the SEC's list it was held against; None: none has come yet
    used_by: tuple[User, ...]
    changes: tuple[Change, ...]  # the latest first


async def overview(
    database: Database, workspace: WorkspaceId, start: int, limit: int, *, text: str = ""
) -> WatchlistsOverview:
    """Up to *limit* watchlists by name from the place *start* on; with *text*: those with it in name or entries."""
    found = await listing.page(database, workspace, _LIST, start, limit, text=text)
    users = await listing.users(database, workspace, [one.id for one in found.found])
    listed = await tickers.known(database)
    lines = await asyncio.to_thread(
        lambda: tuple(_line(one, listed, len(users.get(one.id, ()))) for one in found.found)
    )
    return WatchlistsOverview(lines=lines, total=found.total)


async def told(
    database: Database,
    workspace: WorkspaceId,
    named: str,
    start: int,
    limit: int,
    *,
    text: str = "",
    only_to_look_at: bool = False,
) -> WatchlistDetail:
    """The watchlist with this name or id, and up to *limit* of its entries from the place *start* on.

    What a person should see to comes first. Raises NotFound.
    """
    one = await resources.find(database, workspace, _LIST, named)
    listed = await tickers.known(database)
    users = (await listing.users(database, workspace, [one.id])).get(one.id, [])
    every, wanted, found = await asyncio.to_thread(
        _part, one, listed, start, limit, text.casefold().strip(), only_to_look_at
    )
    return WatchlistDetail(
        watchlist=one,
        entries=tuple(found),
        total=len(wanted),
        count=len(every),
        to_look_at=sum(raw.needs_a_look for raw in every),
        moved=sum(row.watchlist == one.id for row in await moved.every(database)),
        list_of=listed.day if listed else None,
        used_by=tuple(User(id=rule, name=name) for rule, name in users),
        changes=tuple(await kept.history(database, workspace, one.id, _LATELY)),
    )


class _Raw(Struct, frozen=True):
    """One entry before it is held against the list."""

    key: str
    text: str
    left_out: bool
    needs_a_look: bool
    company: str


def _line(one: Resource, listed: Tickers | None, used_by: int) -> WatchlistLine:
    every = list(_raw(one, listed))
    return WatchlistLine(
        watchlist=one,
        counts={key: sum(raw.key == key and not raw.left_out for raw in every) for key in KEYS},
        left_out=sum(raw.left_out for raw in every),
        to_look_at=sum(raw.needs_a_look for raw in every),
        used_by=used_by,
    )


def _part(
    one: Resource, listed: Tickers | None, start: int, limit: int, text: str, only_to_look_at: bool
) -> tuple[list[_Raw], list[_Raw], list[Written]]:
    """All entries, those that are wanted, and of these the part that is shown."""
    every = list(_raw(one, listed))
    wanted = [
        raw
        for raw in every
        if (raw.needs_a_look or not only_to_look_at)
        and (not text or text in raw.text.casefold() or text in raw.company.casefold())
    ]
    wanted.sort(key=lambda raw: not raw.needs_a_look)
    return every, wanted, _written(one, listed, wanted[start : start + limit])


def _raw(one: Resource, listed: Tickers | None) -> Iterator[_Raw]:
    placed = {placement.ticker: placement for placement in one.placed}
    for left_out in (False, True):
        for key in KEYS:
            for text in map(str, each(one.section, key, left_out=left_out)):
                symbol = ticker(text) if key == "tickers" else None
                if symbol is None:
                    yield _Raw(key, text, left_out, False, _name(key, text, listed))
                    continue
                placement = placed.get(symbol)
                company = listed.find(symbol) if listed else None
                moved_on = placement is not None and company is not None and company.cik != placement.cik
                unknown = placement is None and listed is not None
                yield _Raw(key, text, left_out, moved_on or unknown, placement.name if placement else "")


def _name(key: str, text: str, listed: Tickers | None) -> str:
    """What the company is called whose CIK is *text*; empty: unknown."""
    if key != "ciks" or listed is None:
        return ""
    theirs = listed.companies.get(text.zfill(10), ())  # type: ignore[call-overload]  # a Cik, once it is filled up
    return listed.listed[theirs[0]].name if theirs else ""


def _written(one: Resource, listed: Tickers | None, raws: list[_Raw]) -> list[Written]:
    """What each of *raws* stands for."""
    symbols = {ticker(raw.text) for raw in raws if raw.key == "tickers"}
    mine = replace(one, placed=tuple(placement for placement in one.placed if placement.ticker in symbols))
    nearest = Nearest(listed)
    return [
        Written(key=raw.key, text=raw.text, entry=replace(entry, left_out=raw.left_out))
        for raw in raws
        for entry in entries_of(mine, watchlists({one.name: {raw.key: [raw.text]}})[one.name], listed, nearest)
    ]
