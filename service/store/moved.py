"""Tickers of watchlists that have become another company's, until a person accepts or changes them."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import delete, select

from service.model.filing import Cik
from service.model.identity import WorkspaceId
from service.model.tickers import ListedCompany, Moved
from service.store.database import Database, Transaction
from service.store.schema import moved_tickers


class MovedTicker(Struct, frozen=True, kw_only=True):
    """One of them."""

    watchlist: str  # its id
    workspace: WorkspaceId
    ticker: str
    before: ListedCompany  # what it stands for on the watchlist
    after: ListedCompany  # whose it is by the SEC's list
    found: datetime


async def every(database: Database) -> list[MovedTicker]:
    """All of them, by ticker and watchlist."""
    query = select(moved_tickers).order_by(moved_tickers.c.ticker, moved_tickers.c.watchlist)
    async with database.reading() as connection:
        return [
            MovedTicker(
                watchlist=row.watchlist,
                workspace=WorkspaceId(row.workspace),
                ticker=row.ticker,
                before=ListedCompany(Cik(row.before_cik), row.before_name, row.since),
                after=ListedCompany(Cik(row.after_cik), row.after_name, row.since),
                found=row.found,
            )
            for row in await connection.execute(query)
        ]


async def replace(
    tx: Transaction, watchlist: str, workspace: WorkspaceId, moved: Iterable[Moved], now: datetime
) -> None:
    """From now on *moved* are those of *watchlist*; one that was known keeps the time at which it was found."""
    wanted = list(moved)
    same = {(one.ticker, one.before.cik, one.after.cik) for one in wanted}
    await _forget(tx, watchlist, lambda row: (row.ticker, row.before_cik, row.after_cik) not in same)
    rows = [
        {
            "watchlist": watchlist,
            "ticker": one.ticker,
            "workspace": workspace,
            "before_cik": one.before.cik,
            "before_name": one.before.name,
            "after_cik": one.after.cik,
            "after_name": one.after.name,
            "since": one.after.since,
            "found": now,
        }
        for one in wanted
    ]
    if rows:
        await tx.add(moved_tickers, rows)


async def keep(tx: Transaction, watchlist: str, placed: Collection[tuple[str, Cik]]) -> None:
    """Forget those of *watchlist* that are not *placed* so (ticker and CIK) any more."""
    await _forget(tx, watchlist, lambda row: (row.ticker, row.before_cik) not in placed)


async def _forget(tx: Transaction, watchlist: str, over: Callable[[Any], bool]) -> None:
    """Delete the rows of *watchlist* of which *over* is true; there are a handful at most."""
    rows = await tx.execute(select(moved_tickers).where(moved_tickers.c.watchlist == watchlist))
    tickers = [row.ticker for row in rows if over(row)]
    if tickers:
        of_watchlist = moved_tickers.c.watchlist == watchlist
        await tx.execute(delete(moved_tickers).where(of_watchlist, moved_tickers.c.ticker.in_(tickers)))
