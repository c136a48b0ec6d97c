"""What an amendment amends: told by company, owner and day, as far as it is here."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from consumers.matcher.subject import Subject
from consumers.matcher.tape import line_of
from service.control.amending import amending
from service.model.filing import Accession, Times
from service.model.parsed import ParsedFiling
from service.store import Database, history, tape
from tests.kit.documents import a_document, a_filing, a_row, an_owner

FRIDAY = datetime(2025, 3, 7, 16, tzinfo=UTC)


async def _filed(database: Database, number: int, at: datetime, form: str = "4", **fields: Any) -> ParsedFiling:
    accession = Accession(f"0009990900-25-{number:06d}")
    filing = a_filing(accession=accession, form=form, filed_on=None, times=Times(accepted=at))
    parsed = ParsedFiling(filing=filing, document=a_document(a_row(), document_type=form, **fields))
    async with database.transaction() as tx:
        await history.add(tx, [parsed], at)
        await tape.add(tx, [line_of(Subject.of(filing, parsed.document), at)])
    return parsed


async def test_an_amendment_and_its_original_lead_to_each_other(either: Database) -> None:
    """Neither to what another owner filed, nor to another day's, nor the amendment to itself."""
    original = await _filed(either, 1, FRIDAY)
    await _filed(either, 2, FRIDAY, reporting_owners=(an_owner(cik="0009800002"),))
    await _filed(either, 3, FRIDAY - timedelta(days=1))
    amendment = await _filed(
        either, 4, FRIDAY + timedelta(days=30), "4/A", date_of_original_submission=date(2025, 3, 7)
    )
    await _filed(either, 5, FRIDAY + timedelta(days=31), "4/A", date_of_original_submission=date(2025, 3, 6))
    back, on = await amending(either, amendment), await amending(either, original)

    assert [original.filing.accession] == [one.accession for one in back.amends]
    assert () == back.amended
    assert [amendment.filing.accession] == [one.accession for one in on.amended]
    assert () == on.amends


async def test_a_filing_of_late_evening_has_the_day_of_the_next_business_day(database: Database) -> None:
    """EDGAR dates what it takes after 22:00 so, and that is the day which an amendment names."""
    late = await _filed(database, 1, datetime(2025, 3, 8, 3, 5, tzinfo=UTC))
    day = date(2025, 3, 10)
    amendment = await _filed(database, 2, FRIDAY + timedelta(days=9), "4/A", date_of_original_submission=day)
    found = await amending(database, amendment)

    assert [late.filing.accession] == [one.accession for one in found.amends]


async def test_what_is_not_here_is_not_made_up(database: Database) -> None:
    """The day is all that an amendment says; some do not even say that."""
    silent = await _filed(database, 1, FRIDAY, "4/A")
    named = await _filed(database, 2, FRIDAY, "4/A", date_of_original_submission=date(2024, 1, 2))

    assert [(), ()] == [(await amending(database, one)).amends for one in (silent, named)]
