"""Importing a portfolio into a watchlist: every line placed, or nothing imported, unless that is asked for."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct

from consumers.language.sections import shown
from consumers.parser.symbols import only_symbol, ticker
from service.control import resources
from service.control.nearest import Nearest
from service.control.placed import Listed
from service.control.portfolio import PortfolioRow
from service.control.sections import stored
from service.model.errors import Fault, Faulty
from service.model.filing import Cik, central_index_key
from service.model.identity import new_id
from service.model.resource import Action, Actor, Resource, ResourceKind
from service.model.tickers import Tickers
from service.names import folded
from service.store import Database, Transaction, listing, tickers
from service.vault import Vault

_TOLD = 25  # lines that could not be placed; the others are counted
_CIK = re.compile(r"(?:CIK[ :#]*)?([0-9]{1,10})(?:\.0)?", re.IGNORECASE)  # spreadsheets make 320193.0 of it


class Unplaced(Struct, frozen=True, kw_only=True):
    """A line that names no company that is known."""

    line: int
    why: str  # with what is nearest


class Imported(Struct, frozen=True, kw_only=True):
    """What came of a portfolio."""

    watchlist: Resource
    made: bool  # the watchlist was not there before
    lines: int
    new: int  # entries
    there: int  # entries that it had before, or that several lines name
    unplaced: tuple[Unplaced, ...]  # those that are told
    unplaced_count: int
    list_of: date | None  # the SEC's list by which lines were placed; None: none has come yet, and nothing was checked


async def import_rows(
    database: Database,
    vault: Vault,
    actor: Actor,
    name: str,
    rows: Iterable[PortfolioRow],
    now: datetime,
    *,
    partly: bool = False,
    replace: bool = False,
    owners: Sequence[str] = (),
    only_new: bool = False,
) -> Imported:
    """Put the companies of *rows*, and *owners*, on the watchlist *name*, which is made if it is not there.

    With *replace*, its companies are those of *rows* and no others; its owners stay. Raises Faulty where a line cannot
    be placed, unless *partly*, and where the watchlist is there, if *only_new*; Forbidden where a file owns it. To
    place the lines can take seconds, so that is done in a thread of its own, and before the transaction.
    """
    read = await asyncio.to_thread(_read, rows, await tickers.known(database))
    if read.unplaced_count and not partly:
        raise _refused(read)
    if not read.tickers and not read.ciks and not owners:
        raise Faulty("nothing was imported:", (Fault(("file",), "no line of it names a company"),))
    async with database.transaction() as tx:
        known = await resources.locked(tx, actor.workspace)
        before = await listing.find(tx, actor.workspace, ResourceKind.WATCHLIST, name)
        if before is not None and only_new:
            raise Faulty("nothing was imported:", (Fault(("name",), f"there is a watchlist {name!r} already"),))
        if before is not None:
            before = resources.changeable(before)
        old = {} if before is None else dict(before.section)
        content, new = await asyncio.to_thread(_joined, old, read, replace=replace)
        had = {_owner(str(one)) for one in _each(old.get("owners"))}
        persons = [one for one in dict.fromkeys(owners) if _owner(one) not in had]
        if persons:
            content = {**content, "owners": [*_each(old.get("owners")), *persons]}
        called = name if before is None else before.name
        section = await asyncio.to_thread(stored, ResourceKind.WATCHLIST, called, content, known, vault)
        after = await _written(tx, actor, before, called, section, now)
    return Imported(
        watchlist=after,
        made=before is None,
        lines=read.lines,
        new=new + len(persons),
        there=read.lines - read.unplaced_count - new,
        unplaced=tuple(read.unplaced),
        unplaced_count=read.unplaced_count,
        list_of=read.day,
    )


async def _written(
    tx: Transaction, actor: Actor, before: Resource | None, name: str, section: Mapping[str, Any], now: datetime
) -> Resource:
    """The watchlist with this *section*: made, changed, or *before* as it is."""
    if before is None:
        kind = ResourceKind.WATCHLIST
        made = Resource(
            id=new_id(kind.prefix, now),
            kind=kind,
            workspace=actor.workspace,
            name=name,
            section=section,
            created=now,
        )
        return await resources.write(tx, actor, Action.ADDED, None, made, now, listed=Listed(tx))
    if section == before.section:
        return before
    changed = msgspec.structs.replace(before, section=section)
    return await resources.write(tx, actor, Action.CHANGED, before, changed, now, listed=Listed(tx))


def _read(rows: Iterable[PortfolioRow], listed: Tickers | None) -> "_Reading":
    """*rows*, placed by the list as it is."""
    made = _Reading(listed)
    for row in rows:
        made.take(row)
    return made


class _Reading:
    """Places row by row."""

    def __init__(self, listed: Tickers | None) -> None:
        self._listed = listed
        self._nearest = Nearest(listed)
        self.day = listed.day if listed else None
        self.lines = 0
        self.tickers: dict[str, None] = {}  # in the order of the file
        self.ciks: dict[Cik, None] = {}
        self.unplaced: list[Unplaced] = []
        self.unplaced_count = 0

    def take(self, row: PortfolioRow) -> None:
        """Place *row*; what cannot be placed is kept with the reason."""
        self.lines += 1
        if row.text:
            self._any(row.line, row.text)
        elif row.cik:
            self._cik(row.line, row.cik)
        elif row.ticker:
            self._ticker(row.line, row.ticker, row.name)
        elif row.name:
            self._name(row.line, row.name)
        else:
            self._fail(row.line, "it names neither a ticker nor a CIK nor a company")

    def _any(self, line: int, text: str) -> None:
        if _CIK.fullmatch(text):
            self._cik(line, text)
        elif ticker(text) or self._nearest.called(text) is None:
            self._ticker(line, text, text)
        else:
            self._name(line, text)

    def _cik(self, line: int, text: str) -> None:
        found = _CIK.fullmatch(text)
        if found is None:
            self._fail(line, f"{shown(text)} is not a CIK (one to ten digits)")
        else:
            self.ciks[central_index_key(found[1])] = None

    def _ticker(self, line: int, text: str, name: str) -> None:
        symbol = only_symbol(text)
        if symbol is None:
            self._fail(line, f"{shown(text)} is not a ticker", text, name)
        elif self._listed is None or self._listed.find(symbol) is not None:
            self.tickers[symbol] = None
        elif name and self._nearest.called(name) is not None and name == text:
            self._name(line, name)
        else:
            self._fail(line, f"{shown(text)} is not on the SEC's list", text, name)

    def _name(self, line: int, name: str) -> None:
        found = self._nearest.called(name)
        if found is None or self._listed is None:
            why = "the SEC's list has not come yet, which says what companies are called"
            self._fail(line, f"{shown(name)}: {'no company of the list is called so' if self._listed else why}", name)
        else:
            self.ciks[self._listed.listed[found].cik] = None

    def _fail(self, line: int, why: str, *like: str) -> None:
        self.unplaced_count += 1
        if len(self.unplaced) < _TOLD:  # to look for the nearest takes a while
            near = dict.fromkeys(one for text in reversed(like) if text for one in self._nearest.to(text))
            told = f"{why}; nearest: {', '.join(list(near)[:3])}" if near else why
            self.unplaced.append(Unplaced(line=line, why=told))


def _joined(old: Mapping[str, Any], read: _Reading, *, replace: bool) -> tuple[dict[str, Any], int]:
    """The settings of the watchlist with what was *read*, and how many entries of them are new."""
    tickers, ciks = _each(old.get("tickers")), _each(old.get("ciks"))
    had = {ticker(str(one)) for one in tickers}, {str(one).zfill(10) for one in ciks}
    new_tickers = [one for one in read.tickers if one not in had[0]]
    new_ciks = [one for one in read.ciks if one not in had[1]]
    if replace:
        tickers = [one for one in tickers if ticker(str(one)) in read.tickers]
        ciks = [one for one in ciks if str(one).zfill(10) in read.ciks]
    content = {**old, "tickers": [*tickers, *new_tickers], "ciks": [*ciks, *new_ciks]}
    return {key: value for key, value in content.items() if value != []}, len(new_tickers) + len(new_ciks)


def _owner(text: str) -> str:
    return text.zfill(10) if text.isdecimal() else folded(text)


def _each(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list) else [value]


def _refused(read: _Reading) -> Faulty:
    faults = [Fault((f"line {one.line}",), one.why) for one in read.unplaced]
    if read.unplaced_count > len(faults):
        faults.append(Fault(("and",), f"{read.unplaced_count - len(faults):,} lines more"))
    count = f"{read.unplaced_count:,} of {read.lines:,} lines"
    return Faulty(f"{count} cannot be placed, so nothing was imported; --partly leaves them out:", tuple(faults))
