"""What several filings can tell of: one and the same trade."""

from typing import NewType

from service.model.filing import Accession

TradeId = NewType("TradeId", str)


def trade_id(first: Accession) -> TradeId:
    """The id of the trade that *first* was the first filing to tell of, as everybody could know it then.

    >>> trade_id(Accession("0000320193-25-000073"))
    'trade_0000320193-25-000073'
    """
    return TradeId(f"trade_{first}")
