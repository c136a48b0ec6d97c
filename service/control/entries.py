"""What each entry of a watchlist stands for today, and accepting what a ticker has come to stand for."""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from consumers.language.rules import watchlists
from service.control import resources
from service.control.nearest import Nearest
from service.control.placed import moved_of, some
from service.model.errors import Fault, Faulty
from service.model.filing import Cik
from service.model.identity import Revision, WorkspaceId
from service.model.resource import Action, Actor, Resource, ResourceKind
from service.model.rule import Watchlist
from service.model.tickers import ListedCompany, Moved, Tickers
from service.store import Database, tickers


class EntryState(StrEnum):
    """How an entry is placed."""

    PLACED = "placed"
    MOVED = "moved"  # the ticker is another company's by now: the watchlist goes on with the one it had
    GONE = "gone"  # the ticker is not on the list any more: the watchlist goes on with the company it had
    UNPLACED = "not-placed"  # the list does not have it: the symbol box alone finds it
    WAITING = "waiting"  # the list has not come yet: the symbol box alone finds it
    UNLISTED = "unlisted"  # a CIK that the list does not have, as that of a company without a ticker
    OWNER = "owner"  # the list says nothing of persons


class WatchlistEntry(Struct, frozen=True, kw_only=True):
    """One entry, as it is today."""

    kind: str  # ticker, cik or owner
    entry: str  # as it is looked for
    state: EntryState
    cik: Cik | None = None  # of the company it stands for; None: unknown
    name: str | None = None
    listed: date | None = None  # the day of the list by which it was placed
    now: ListedCompany | None = None  # whose the ticker is today, where it has moved
    nearest: tuple[str, ...] = ()  # what may have been meant, where it is not placed
    left_out: bool = False  # it is an exception: what is not meant

    @property
    def needs_a_look(self) -> bool:
        """Whether a person should see to it."""
        return self.state in (EntryState.MOVED, EntryState.UNPLACED)


class Checked(Struct, frozen=True, kw_only=True):
    """A watchlist, entry by entry."""

    watchlist: str
    file: str | None  # that owns it; None: people do
    list_of: date | None  # the SEC's list it was held against; None: none has come yet
    entries: tuple[WatchlistEntry, ...]


async def check(database: Database, workspace: WorkspaceId, named: str | None) -> list[Checked]:
    """What the entries of each watchlist, or of the one that is *named*, stand for; raises NotFound."""
    if named is None:
        every = [one for one in await resources.inventory(database, workspace) if one.kind is ResourceKind.WATCHLIST]
    else:
        every = [await resources.find(database, workspace, ResourceKind.WATCHLIST, named)]
    listed = await tickers.known(database)
    return await asyncio.to_thread(_checked, every, listed)


def _checked(every: Iterable[Resource], listed: Tickers | None) -> list[Checked]:
    nearest = Nearest(listed)
    found = []
    for one in every:
        entries = watchlists({one.name: one.section})[one.name]
        found.append(
            Checked(
                watchlist=one.name,
                file=one.file,
                list_of=listed.day if listed else None,
                entries=(
                    *entries_of(one, entries, listed, nearest),
                    *(replace(entry, left_out=True) for entry in _left_out(one, entries, listed, nearest)),
                ),
            )
        )
    return found


async def accept(
    database: Database,
    actor: Actor,
    named: str,
    wanted: Collection[str],
    now: datetime,
    *,
    expected: Revision | None = None,
) -> tuple[Resource, list[Moved]]:
    """Let the *wanted* tickers of a watchlist (none: all that have moved) stand for what they are today.

    A file's watchlist too: what the file asks for is a ticker, and stays one. Raises NotFound, Stale, and Faulty
    where a ticker has not moved.
    """
    async with database.transaction() as tx:
        await resources.locked(tx, actor.workspace)
        one = await resources.find(tx, actor.workspace, ResourceKind.WATCHLIST, named)
        before = resources.current(one, expected)
        listed = await tickers.known(tx)
        moved = {one.ticker: one for one in moved_of(before, listed)} if listed else {}
        strange = [Fault((ticker,), "this ticker has not moved") for ticker in wanted if ticker not in moved]
        if strange:
            raise Faulty(f"nothing to accept in the watchlist {before.name!r}:", tuple(strange))
        chosen = [one for ticker, one in moved.items() if not wanted or ticker in wanted]
        if not chosen or listed is None:
            return before, []
        taken = {one.ticker for one in chosen}
        anew = (listed.place(one.ticker) if one.ticker in taken else one for one in before.placed)
        after = replace(before, placed=tuple(one for one in anew if one))
        reason = f"accepted as on the SEC's list of {listed.day}: {some(taken)}"
        return await resources.write(tx, actor, Action.PLACED, before, after, now, reason), chosen


def _left_out(
    resource: Resource, entries: Watchlist, listed: Tickers | None, nearest: Nearest
) -> Iterator[WatchlistEntry]:
    return iter(()) if entries.left_out is None else entries_of(resource, entries.left_out, listed, nearest)


def entries_of(
    resource: Resource, entries: Watchlist, listed: Tickers | None, nearest: Nearest
) -> Iterator[WatchlistEntry]:
    """What each of *entries*, which stand on *resource*, stands for."""
    yield from _tickers(resource, entries, listed, nearest)
    yield from _others(entries, listed)


def _tickers(
    resource: Resource, entries: Watchlist, listed: Tickers | None, nearest: Nearest
) -> Iterator[WatchlistEntry]:
    placed = {one.ticker: one for one in resource.placed}
    for ticker in sorted(entries.tickers):
        one, company = placed.get(ticker), listed.find(ticker) if listed else None
        if one is None:
            state = EntryState.WAITING if listed is None else EntryState.UNPLACED
            yield WatchlistEntry(kind="ticker", entry=ticker, state=state, nearest=nearest.to(ticker))
            continue
        moved = company is not None and company.cik != one.cik
        gone = listed is not None and company is None
        state = EntryState.MOVED if moved else EntryState.GONE if gone else EntryState.PLACED
        yield WatchlistEntry(
            kind="ticker",
            entry=ticker,
            state=state,
            cik=one.cik,
            name=one.name if company is None or moved else company.name,
            listed=one.listed,
            now=company if moved else None,
        )


def _others(entries: Watchlist, listed: Tickers | None) -> Iterator[WatchlistEntry]:
    for cik in sorted(entries.ciks):
        theirs = listed.companies.get(cik, ()) if listed else ()
        name = listed.listed[theirs[0]].name if listed and theirs else None
        state = EntryState.PLACED if theirs else EntryState.WAITING if listed is None else EntryState.UNLISTED
        yield WatchlistEntry(kind="cik", entry=cik, state=state, cik=cik, name=name)
    for owner in (*sorted(entries.owners), *sorted(entries.owner_names)):
        yield WatchlistEntry(kind="owner", entry=owner, state=EntryState.OWNER)
