"""What a company's insiders, or one of them, did before."""

from service.model.errors import NotFound
from service.model.filing import Cik, central_index_key
from service.model.past import Past
from service.store import Database, history, tickers


async def of(database: Database, name: str, limit: int) -> list[Past]:
    """The latest *limit* filings on the company, or of the owner, that *name* is; latest first. Raises NotFound.

    A name is a CIK, of either, or a company's ticker by the SEC's list.
    """
    cik = await _cik(database, name)
    found = await history.of_issuer(database, cik, limit) or await history.of_owner(database, cik, limit)
    if not found:
        raise NotFound(f"no filing of the past is known for {name} (CIK {int(cik)}): see `filingbell history import`")
    return found


async def _cik(database: Database, name: str) -> Cik:
    try:
        return central_index_key(name)
    except ValueError:
        known = await tickers.known(database)
    placed = known.place(name) if known else None
    if placed is None:
        why = "the SEC's list has no such ticker" if known else "the SEC's list of tickers was not read yet"
        raise NotFound(f"{name!r} is no CIK, and {why}: give the company's or the owner's CIK")
    return Cik(placed.cik)
