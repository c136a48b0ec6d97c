"""What the tickers of a watchlist stand for: placed by the SEC's list once, and so until a person accepts another."""

import asyncio
from collections.abc import Iterable

import msgspec

from consumers.language.rules import watchlists
from service.model.errors import ConfigError
from service.model.resource import Resource, ResourceKind
from service.model.tickers import ListedCompany, Moved, Placement, Tickers
from service.store import Transaction, tickers

_NAMED = 10  # tickers that the audit log names


class Listed:
    """The SEC's list, read in a transaction when it is asked for first."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._read = False
        self._found: Tickers | None = None

    async def find(self) -> Tickers | None:
        """The list; None: it has not come yet."""
        if not self._read:
            self._read, self._found = True, await tickers.known(self._tx)
        return self._found


async def place(before: Resource | None, after: Resource, listed: Listed) -> Resource:
    """*after* with what its tickers stand for; those that *before* has placed are left as they are."""
    wanted = await asyncio.to_thread(tickers_of, after)  # of which there can be very many
    known = () if before is None else before.placed
    lacking = wanted - {one.ticker for one in known}
    return msgspec.structs.replace(after, placed=placed(wanted, known, await listed.find() if lacking else None))


def tickers_of(resource: Resource) -> frozenset[str]:
    """The tickers of a watchlist; none where it is no watchlist, or cannot be read."""
    if resource.kind is not ResourceKind.WATCHLIST or not {"tickers", "except"} & resource.section.keys():
        return frozenset()
    try:
        return watchlists({resource.name: resource.section})[resource.name].every_ticker
    except ConfigError:
        return frozenset()


def placed(wanted: Iterable[str], before: Iterable[Placement], listed: Tickers | None) -> tuple[Placement, ...]:
    """What each of *wanted* stands for: what it stood for *before*, or what the list says; without the others."""
    known = {one.ticker: one for one in before}
    found = (known.get(ticker) or (listed and listed.place(ticker)) for ticker in sorted(wanted))
    return tuple(one for one in found if one)


def moved_of(resource: Resource, listed: Tickers) -> list[Moved]:
    """The tickers of a watchlist that are another company's by the list."""
    found = ((one, listed.find(one.ticker)) for one in resource.placed)
    return [
        Moved(one.ticker, ListedCompany(one.cik, one.name, one.listed), company)
        for one, company in found
        if company is not None and company.cik != one.cik
    ]


def some(names: Iterable[str]) -> str:
    """The first of *names*, and how many more there are."""
    every = sorted(names)
    more = f" and {len(every) - _NAMED} more" if len(every) > _NAMED else ""
    return f"{', '.join(every[:_NAMED])}{more}"
