"""What an amendment amends, and what amends a filing: by company, owner, day and rows, as far as it is here."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import delete, update

from service.control.amending import AmendmentRelations, amending, amendments
from service.model.amendment import Effect, Found
from service.model.errors import NotFound
from service.model.filing import Accession, Times
from service.model.ownership import NonDerivativeHolding
from service.model.parsed import ParsedFiling
from service.store import Database, amended, history, kept
from service.store.amended import AmendmentKey
from service.store.schema import events, history_filings, history_owners, history_rows
from service.wire.topics import parsed_event
from tests.kit.documents import a_document, a_filing, a_row, an_option, an_owner

FRIDAY = datetime(2025, 3, 7, 16, tzinfo=UTC)
DAY = date(2025, 3, 7)


def _number(number: int) -> Accession:
    return Accession(f"0009990900-25-{number:06d}")


def _bought(shares: int, **boxes: Any) -> Any:
    """So many shares bought, where 4,000 were held."""
    return a_row(shares=str(shares), shares_owned_following_transaction=Decimal(4000 + shares), **boxes)


async def _filed(
    database: Database, number: int, at: datetime, *rows: Any, form: str = "4", logged: bool = True, **fields: Any
) -> ParsedFiling:
    filing = a_filing(accession=_number(number), form=form, filed_on=None, times=Times(accepted=at))
    document = a_document(*(rows or (_bought(1000),)), document_type=form, **fields)
    parsed = ParsedFiling(filing=filing, document=document)
    async with database.transaction() as tx:
        await history.add(tx, [parsed], at)
        if logged:
            tx.emit(parsed_event(parsed, at))
    return parsed


async def _amended(
    database: Database, number: int, days: int, *rows: Any, day: date | None = DAY, **fields: Any
) -> ParsedFiling:
    at = FRIDAY + timedelta(days=days)
    return await _filed(database, number, at, *rows, form="4/A", date_of_original_submission=day, **fields)


def _by(found: AmendmentRelations) -> list[Accession]:
    return [one.accession for one in found.amended]


async def test_an_amendment_and_its_original_lead_to_each_other(either: Database) -> None:
    """Neither to what another owner filed, nor to another day's, nor the amendment to itself."""
    original = await _filed(either, 1, FRIDAY)
    await _filed(either, 2, FRIDAY, reporting_owners=(an_owner(cik="0009800002"),))
    await _filed(either, 3, FRIDAY - timedelta(days=1))
    amendment = await _amended(either, 4, 30, _bought(10_000))
    other = await _amended(either, 5, 31, day=date(2025, 3, 6))
    back = await amendments(either, amendment.filing.accession)
    on = await amendments(either, original.filing.accession)
    assert back.amends is not None

    assert (original.filing.accession, DAY, Found.DAY) == (
        back.amends.accession,
        back.amends.filed,
        back.amends.found,
    )
    assert (Effect.CORRECTS, ()) == (back.amends.effect, back.amended)
    assert None is on.amends
    assert [amendment.filing.accession] == _by(on)
    assert back.amends == on.amended[0].amends
    assert [other.filing.accession] == _by(await amendments(either, _number(3)))


async def test_the_link_appears_when_the_original_comes(database: Database) -> None:
    """The amendment was here before it, from a backfill that went backwards."""
    amendment = await _amended(database, 2, 30, _bought(10_000))
    before = await amendments(database, amendment.filing.accession)
    original = await _filed(database, 1, FRIDAY)
    after = await amendments(database, amendment.filing.accession)

    assert before.amends is not None
    assert after.amends is not None
    assert (None, Effect.UNCLEAR) == (before.amends.accession, before.amends.effect)
    assert (original.filing.accession, Effect.CORRECTS) == (after.amends.accession, after.amends.effect)
    assert [amendment.filing.accession] == _by(await amendments(database, original.filing.accession))


async def test_a_filing_of_late_evening_has_the_day_of_the_next_business_day(database: Database) -> None:
    """EDGAR dates what it takes after 22:00 so, and that is the day which an amendment names."""
    late = await _filed(database, 1, datetime(2025, 3, 8, 3, 5, tzinfo=UTC))
    amendment = await _amended(database, 2, 9, day=date(2025, 3, 10))
    found = await amendments(database, amendment.filing.accession)

    assert found.amends is not None
    assert late.filing.accession == found.amends.accession


async def test_the_wrong_day_is_told_by_rows(either: Database) -> None:
    """The day of the trade stands where that of the filing should; a filing whose rows are others is none."""
    original = await _filed(either, 1, FRIDAY)
    amendment = await _amended(either, 2, 30, _bought(1000, price="11"), day=date(2025, 3, 3))
    stranger = await _amended(either, 3, 31, _bought(77, transaction_date=date(2025, 2, 3)), day=date(2025, 2, 4))
    found = await amendments(either, amendment.filing.accession)
    none = await amendments(either, stranger.filing.accession)

    assert found.amends is not None
    assert none.amends is not None
    assert (original.filing.accession, Found.ROWS) == (found.amends.accession, found.amends.found)
    assert (None, date(2025, 2, 4)) == (none.amends.accession, none.amends.filed)


async def test_holdings_tell_of_no_filing(database: Database) -> None:
    """Each filing of an owner says them again: one of another day is not meant by them."""
    held = NonDerivativeHolding(security_title="Common Stock", shares_owned_following_transaction=Decimal(5000))
    tables: Any = {"non_derivative_table": (held,)}
    await _filed(database, 1, FRIDAY, **tables)
    amendment = await _amended(database, 2, 30, day=date(2025, 3, 3), **tables)
    found = await amendments(database, amendment.filing.accession)

    assert found.amends is not None
    assert found.amends.accession is None


async def test_an_amendment_of_another_filing_of_the_day_is_no_version(database: Database) -> None:
    """Two forms were filed on the day and both are amended; one of these forms is not here."""
    grant = an_option()
    await _filed(database, 1, FRIDAY)
    await _amended(database, 2, 10, _bought(10_000))
    other = await _amended(database, 3, 10, grant)
    found = await amendments(database, other.filing.accession)

    assert found.amends is not None
    assert (_number(1), Effect.UNCLEAR) == (found.amends.accession, found.amends.effect)


async def test_other_owners_are_told_by_rows_that_are_all_the_same(database: Database) -> None:
    """The form was filed under the wrong person's CIK."""
    original = await _filed(database, 1, FRIDAY, reporting_owners=(an_owner("ROE RICHARD", "0009800002"),))
    amendment = await _amended(database, 2, 3)
    found = await amendments(database, amendment.filing.accession)

    assert found.amends is not None
    assert (original.filing.accession, Found.ROWS) == (found.amends.accession, found.amends.found)
    assert ["1. Reporting Person"] * 2 == [box.name for box in found.amends.head]
    assert Effect.CORRECTS is found.amends.effect


async def test_two_filings_that_can_be_meant_are_both_named(database: Database) -> None:
    """The same was filed twice on the day; nothing tells which is amended, but what is done to either is the same."""
    await _filed(database, 1, FRIDAY)
    await _filed(database, 2, FRIDAY + timedelta(hours=1))
    amendment = await _amended(database, 3, 30, _bought(10_000))
    found = await amendments(database, amendment.filing.accession)

    assert found.amends is not None
    assert (None, (_number(1), _number(2))) == (found.amends.accession, found.amends.candidates)
    assert Effect.CORRECTS is found.amends.effect
    assert [amendment.filing.accession] == _by(await amendments(database, _number(1)))


async def test_several_amendments_of_one_filing_are_a_chain(database: Database) -> None:
    """Each is compared with what stood last of its rows; all stand with the original, in their order."""
    await _filed(database, 1, FRIDAY, _bought(1000), _bought(500, price="12"))
    await _amended(database, 2, 10, _bought(10_000), _bought(500, price="12"))
    await _amended(database, 3, 20, _bought(10_000), _bought(500, price="13"))
    found = await amendments(database, _number(3))
    on = await amendments(database, _number(1))

    assert found.amends is not None
    assert (_number(2), _number(1)) == (found.amends.accession, found.amends.original)
    assert [["4. Price"]] == [[box.name for box in row.boxes] for row in found.amends.rows]
    assert [_number(2), _number(3)] == _by(on)
    assert [_number(3)] == _by(await amendments(database, _number(2)))


async def test_footnotes_are_compared_after_the_log_has_forgotten_the_filings(either: Database) -> None:
    """The past keeps both documents."""
    texts = ({"F1": "The price is a weighted average."}, {"F1": "The price is an average, weighted."})
    original = await _filed(either, 1, FRIDAY, footnotes=texts[0])
    amendment = await _amended(either, 2, 10, footnotes=texts[1])
    async with either.transaction() as tx:
        await kept.save(tx, [f"parsed-{one.filing.accession}" for one in (original, amendment)])
        await tx.execute(delete(events))
    found = (await amendments(either, amendment.filing.accession)).amends
    on = (await amendments(either, original.filing.accession)).amended[0].amends

    assert found is not None
    assert (Effect.CORRECTS, True, ["F1"]) == (found.effect, found.compared, [one.number for one in found.notes])
    assert found == on


async def test_footnotes_that_are_not_kept_are_not_compared(database: Database) -> None:
    """Where the rows of the original are all that is here, nothing is said of its texts."""
    texts: Any = {"footnotes": {"F1": "The price is a weighted average."}}
    await _filed(database, 1, FRIDAY, **texts)
    amendment = await _amended(database, 2, 10, footnotes={"F1": "The price is an average, weighted."})
    await _filed(database, 3, FRIDAY - timedelta(days=21), logged=False, **texts)
    later = await _amended(database, 4, 10, day=date(2025, 2, 14), **texts)
    found = await amendments(database, amendment.filing.accession)
    faded = await amendments(database, later.filing.accession)

    assert found.amends is not None
    assert faded.amends is not None
    assert (Effect.CORRECTS, True, ["F1"]) == (
        found.amends.effect,
        found.amends.compared,
        [one.number for one in found.amends.notes],
    )
    assert (Effect.UNCLEAR, False, ()) == (faded.amends.effect, faded.amends.compared, faded.amends.notes)


async def test_what_is_not_here_is_not_made_up(database: Database) -> None:
    """The day is all that an amendment says; some do not even say that."""
    silent = await _amended(database, 1, 0, day=None)
    named = await _amended(database, 2, 0, a_row("G", "7"), day=date(2024, 1, 2))
    founds = [(await amendments(database, one.filing.accession)).amends for one in (silent, named)]

    assert [(None, None), (None, date(2024, 1, 2))] == [one and (one.accession, one.filed) for one in founds]
    with pytest.raises(NotFound, match="was never seen"):
        await amendments(database, _number(9))


async def test_what_a_set_brought_is_compared_to_two_decimals(database: Database) -> None:
    """The set rounds: 10.1234 there is 10.12, and no difference."""
    exact = replace(_bought(1000), transaction_price_per_share=Decimal("10.1234"))
    await _filed(database, 1, FRIDAY, replace(exact, transaction_price_per_share=Decimal("10.12")), logged=False)
    async with database.transaction() as tx:
        await tx.execute(update(history_filings).values(source=1))
        for table in (history_owners, history_rows):
            await tx.execute(update(table).values(source=1))
    amendment = await _amended(database, 2, 10, exact)
    found = await amending(database, amendment, whole=True)

    assert found.amends is not None
    assert (_number(1), 1, ()) == (found.amends.accession, found.amends.same, found.amends.rows)


@pytest.mark.parametrize("day", [date.min, date.max, date(1900, 1, 1), date(2099, 12, 31)])
async def test_of_a_day_that_cannot_be_nothing_is_amended(either: Database, day: date) -> None:
    """The box takes any day: no fault of a filer may stop the service."""
    original = await _filed(either, 1, FRIDAY)
    asked = AmendmentKey(
        accession=_number(2),
        issuer=original.document.issuer.issuer_cik,
        owners=frozenset(),
        day=day,
        known=FRIDAY + timedelta(days=1),
    )

    assert [] == await amended.named(either, [asked])


async def test_very_many_amendments_are_asked_of_together(either: Database) -> None:
    """As a backfill brings them in one batch: each finds its own."""
    originals = [await _filed(either, number, FRIDAY + timedelta(minutes=number)) for number in range(2)]
    known = FRIDAY + timedelta(days=30)
    asked = [
        AmendmentKey(
            accession=_number(100 + number),
            issuer=originals[0].document.issuer.issuer_cik,
            owners=frozenset(),
            day=DAY,
            known=known,
        )
        for number in range(700)
    ]
    found = await amended.named(either, asked)

    assert {one.filing.accession for one in originals} == {one.accession for one in found}
