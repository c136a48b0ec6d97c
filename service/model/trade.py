"""What several filings can tell of: one and the same trade."""

from typing import NewType

from service.model.filing import Accession

TradeId = NewType("TradeId", str)

_PREFIX = "trade_"


def trade_id(first: Accession) -> TradeId:
    """The id of the trade that *first* was the first filing to tell of, as everybody could know it then.

    >>> trade_id(Accession("0000320193-25-000073"))
    'trade_0000320193-25-000073'
    """
    return TradeId(f"{_PREFIX}{first}")


def first_of(trade: TradeId) -> Accession:
    """The filing that was the first to tell of *trade*.

    >>> first_of(TradeId("trade_0000320193-25-000073"))
    '0000320193-25-000073'
    """
    return Accession(trade.removeprefix(_PREFIX))


def told_before(trade: TradeId | None, filing: Accession, *, amendment: bool) -> Accession | None:
    """The filing that told of *trade* before *filing*; None: none did, or this one amends, which is news.

    >>> told_before(TradeId("trade_0000320193-25-000073"), Accession("0000320193-25-000081"), amendment=False)
    '0000320193-25-000073'
    """
    first = None if trade is None or amendment else first_of(trade)
    return None if first == filing else first
