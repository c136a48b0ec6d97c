"""The SEC's list of tickers, and what the tickers of watchlists stand for by it."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property

from msgspec import Struct

from service.model.filing import Cik

_OF_THE_SAME = re.compile(r"U|UN|W|W[ST]|R|RT|PR?[A-Z]?")  # units, warrants, rights and preferred shares


class ListedCompany(Struct, frozen=True, array_like=True):
    """Whose a ticker is."""

    cik: Cik
    name: str
    since: date  # the day of the first list that has it so


class Placement(Struct, frozen=True, array_like=True):
    """The company that a ticker on a watchlist stands for. It stays so, whatever the list says later."""

    ticker: str  # as the watchlist has it
    cik: Cik
    name: str
    listed: date  # the day of the list that says so


class Tickers(Struct, frozen=True, kw_only=True, dict=True):
    """The list as it was last read: class behind a point, as in ``BRK.B``."""

    day: date
    listed: Mapping[str, ListedCompany]
    gone: Mapping[
        str, ListedCompany
    ] = {}  # tickers that were listed once; *since* is the day of the first list without

    def find(self, ticker: str) -> ListedCompany | None:
        """Whose *ticker* is; None: it is not on the list.

        A class may be written without its mark (BRKB); a unit that is not listed (ABC.U) is its company's.
        """
        found = self.listed.get(ticker) or self.listed.get(self._unmarked.get(ticker, ""))
        base, point, mark = ticker.partition(".")
        if found is None and point:
            found = self.listed.get(f"{base}.{mark.replace('PR', 'P', 1)}")  # preferred, as the NYSE writes it
            if found is None and _OF_THE_SAME.fullmatch(mark):
                found = self.listed.get(base)
        return found

    def place(self, ticker: str) -> Placement | None:
        """What *ticker* stands for from now on; None: the list does not have it."""
        company = self.find(ticker)
        return None if company is None else Placement(ticker, company.cik, company.name, self.day)

    def placed(self, tickers: Iterable[str]) -> tuple[Placement, ...]:
        """What each of *tickers* stands for, without those that the list does not have."""
        return tuple(one for one in map(self.place, sorted(tickers)) if one is not None)

    @cached_property
    def companies(self) -> Mapping[Cik, tuple[str, ...]]:
        """The tickers of each company, in the list's order."""
        found: dict[Cik, tuple[str, ...]] = {}
        for ticker, company in self.listed.items():
            found[company.cik] = (*found.get(company.cik, ()), ticker)
        return found

    @cached_property
    def _unmarked(self) -> Mapping[str, str]:
        return {ticker.replace(".", ""): ticker for ticker in self.listed if "." in ticker}


class Moved(Struct, frozen=True):
    """A ticker that has become another company's: of one list and the next, or since a watchlist took it up."""

    ticker: str
    before: ListedCompany
    after: ListedCompany


class TickerChanges(Struct, frozen=True, kw_only=True):
    """What a list changes."""

    new: int
    gone: int
    moved: tuple[Moved, ...]
    doubts: tuple[str, ...]  # why it cannot be believed; empty: nothing is odd


def succeed(before: Tickers | None, rows: Mapping[str, tuple[Cik, str]], day: date) -> tuple[Tickers, TickerChanges]:
    """The list of *day*, which says *rows*, after the one *before* (None: it is the first), and what is new in it."""
    old = before.listed if before else {}
    listed: dict[str, ListedCompany] = {}
    moved: list[Moved] = []
    for ticker, (cik, name) in rows.items():
        known = old.get(ticker)
        if known is not None and known.cik == cik:
            listed[ticker] = known if known.name == name else ListedCompany(cik, name, known.since)
            continue
        listed[ticker] = ListedCompany(cik, name, day)
        if known is not None:
            moved.append(Moved(ticker, known, listed[ticker]))
    lost = {ticker: ListedCompany(one.cik, one.name, day) for ticker, one in old.items() if ticker not in listed}
    gone = {ticker: one for ticker, one in (before.gone if before else {}).items() if ticker not in listed} | lost
    told = TickerChanges(
        new=len(listed.keys() - old.keys()),
        gone=len(lost),
        moved=tuple(moved),
        doubts=tuple(_doubts(len(old), len(listed), len(moved))),
    )
    return Tickers(day=day, listed=listed, gone=gone), told


_FEW = 20  # tickers: of a list that is shorter, nothing can be said of its parts


def _doubts(before: int, after: int, moved: int) -> list[str]:
    """Why a list of *after* tickers cannot follow one of *before*."""
    found = []
    if not after:
        found.append("it is empty")
    elif 2 * after < before:
        found.append(f"it has {after:,} tickers, and the one before had {before:,}")
    if before > _FEW and 20 * moved > before:  # in three years it were 105 of 6,534
        found.append(f"{moved:,} of {before:,} tickers would be other companies'")
    return found
