"""Filings of two years, as the parser and the matcher leave them."""

from datetime import UTC, date, datetime
from typing import Any

from service.model.filing import Accession, Times
from service.model.parsed import ParsedFiling
from service.store import Database, history
from service.wire.topics import parsed_event
from tests.kit.documents import a_document, a_filing, a_row
from tests.kit.filings import now
from tests.kit.tidying import publish

START, END = datetime(2023, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)


def filed(number: int, day: date, *rows: Any, **fields: Any) -> ParsedFiling:
    """What EDGAR accepted on *day* at noon."""
    known = datetime(day.year, day.month, day.day, 17, number // 60 % 60, number % 60, tzinfo=UTC)
    accession = Accession(f"0009990900-{day.year % 100:02d}-{number:06d}")
    filing = a_filing(accession=accession, filed_on=day, times=Times(accepted=known))
    return ParsedFiling(filing=filing, document=a_document(*rows, **fields))


def bought(day: date, value: str = "10", **fields: Any) -> Any:
    return a_row("P", "1000", value, transaction_date=day, **fields)


async def keep(database: Database, *parsed: ParsedFiling) -> None:
    """As the parser and the matcher leave them."""
    await publish(database, *(parsed_event(one, now()) for one in parsed))
    async with database.transaction() as tx:
        await history.add(tx, parsed, now())
