"""Filings of years, kept one by one, and what is known before another."""

from datetime import UTC, date, datetime
from typing import Any

from consumers.matcher.facts.registry import value
from consumers.matcher.recalling import before
from consumers.matcher.subject import Subject
from service.model.filing import Accession, Times
from service.model.ownership import AcquiredDisposed
from service.model.parsed import ParsedFiling
from service.store import Database, history
from tests.kit.documents import a_document, a_filing, a_row, an_owner

SOLD = {"transaction_acquired_disposed_code": AcquiredDisposed.DISPOSED}
LATER = datetime(2030, 1, 1, tzinfo=UTC)
OWNERS = [an_owner(f"OWNER {number}", f"000980000{number}") for number in range(4)]


def filed(number: int, day: date, *rows: Any, **fields: Any) -> ParsedFiling:
    """What EDGAR accepted on *day*, at noon and some seconds."""
    known = datetime(day.year, day.month, day.day, 17, number // 60 % 60, number % 60, tzinfo=UTC)
    accession = Accession(f"0009990900-{day.year % 100:02d}-{number:06d}")
    form = fields.get("document_type", "4")
    filing = a_filing(accession=accession, form=form, filed_on=day, times=Times(accepted=known))
    return ParsedFiling(filing=filing, document=a_document(*rows, **fields))


def bought(day: date, **fields: Any) -> Any:
    return a_row("P", transaction_date=day, **fields)


def sold(day: date, **fields: Any) -> Any:
    return a_row("S", transaction_date=day, **SOLD, **fields)


async def keep(database: Database, *parsed: ParsedFiling) -> None:
    for one in parsed:
        assert one.filing.times.accepted is not None
        async with database.transaction() as tx:
            await history.add(tx, [one], one.filing.times.accepted)


async def subject(database: Database, parsed: ParsedFiling, at: datetime = LATER) -> Subject:
    found = await before(database, [parsed], at)
    return Subject.of(parsed.filing, parsed.document, found[parsed.filing.accession])


async def asked(database: Database, name: str, parsed: ParsedFiling, at: datetime = LATER) -> Any:
    """The fact *name* of the first row."""
    one = await subject(database, parsed, at)
    return value(name, one, one.facts[0])


BEGUN = filed(1, date(2020, 1, 6), a_row(), reporting_owners=(an_owner("ELSE", "0009811111"),))
"""By somebody else: with it the past begins, and is complete from the next day on."""
