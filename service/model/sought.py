"""What is looked for among filings of the past, as far as a database can tell it without reading them."""

from datetime import datetime

from msgspec import Struct

from service.model.filing import Cik


class Either(Struct, frozen=True, kw_only=True):
    """One of these must be so."""

    traits: int = 0  # one of these bits stands in the filing (`service.model.trait`)
    issuers: frozenset[Cik] = frozenset()  # it is on one of these companies
    tickers: frozenset[str] = frozenset()  # or on one with such a symbol, as watchlists look them up
    owners: frozenset[Cik] = frozenset()  # one of these reports


class Sought(Struct, frozen=True, kw_only=True):
    """Filings that were known from *since* until before *until*, and of which all of *every* is so."""

    since: datetime
    until: datetime
    every: tuple[Either, ...] = ()
