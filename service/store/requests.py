"""What the SEC was asked, day by day: its limits are for all that comes from one address."""

from datetime import date

from msgspec import Struct
from sqlalchemy import case, select, update

from service.store.database import Database, Transaction
from service.store.schema import requests

_SUMS = ("feed", "document", "index", "company", "refused", "failed")


class RequestCounts(Struct, frozen=True, kw_only=True):
    """How much was asked."""

    feed: int = 0  # pages of the current filings
    document: int = 0
    index: int = 0  # of a day or a quarter
    company: int = 0  # a company's list of filings, and the list of tickers
    refused: int = 0  # of these: 403 and 429
    failed: int = 0  # of these: no answer, or 5xx
    peak: int = 0  # the most within one second

    @property
    def total(self) -> int:
        """Everything that was asked."""
        return self.feed + self.document + self.index + self.company


async def add(tx: Transaction, day: date, asked: RequestCounts) -> None:
    """Count what was *asked* on *day*, New York's."""
    await tx.add(requests, {"day": day, "peak": 0, **dict.fromkeys(_SUMS, 0)})
    more = {name: requests.c[name] + getattr(asked, name) for name in _SUMS}
    peak = case((requests.c.peak < asked.peak, asked.peak), else_=requests.c.peak)
    await tx.execute(update(requests).where(requests.c.day == day).values(**more, peak=peak))


async def of(database: Database, day: date) -> RequestCounts:
    """What was asked on *day*."""
    columns = [requests.c[name] for name in RequestCounts.__struct_fields__]
    async with database.reading() as connection:
        row = (await connection.execute(select(*columns).where(requests.c.day == day))).one_or_none()
    return RequestCounts() if row is None else RequestCounts(**row._asdict())
