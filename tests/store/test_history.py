"""What insiders and companies did before: as parsed, to the last digit, and from when on it was known."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from consumers.language.rules import rules
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from consumers.parser import parse
from service.model.errors import UnusableDocument
from service.model.filing import Accession, Cik, Provenance, Times
from service.model.ownership import NonDerivativeHolding, OwnershipDocument, OwnershipForm
from service.model.parsed import ParsedFiling
from service.model.past import Brought, Past
from service.store import Database, history, history_walk, schema
from service.store.history import accession_of, key_of
from service.store.history_walk import Place, WhichFilings
from service.vitals import Unwatched
from service.wire import encode
from service.wire.topics import Record, Topic
from tests.kit.corpus import DOCUMENTS, corpus
from tests.kit.documents import ACCESSION, NOW, a_document, a_filing, a_row, an_option, an_owner
from tests.kit.filings import now
from tests.kit.rows import all_of
from tests.kit.tidying import tidied

_OWNER = Cik("0009800002")


def accession(number: int) -> Accession:
    return Accession(f"0009990900-25-{number:06d}")


def a_parsed(number: int = 1, document: OwnershipDocument | None = None, **filing: object) -> ParsedFiling:
    return ParsedFiling(
        filing=a_filing(accession=accession(number), **filing),
        document=a_document(a_row()) if document is None else document,
    )


async def keep(database: Database, *parsed: ParsedFiling) -> None:
    async with database.transaction() as tx:
        await history.add(tx, parsed, NOW)


def test_accession_numbers_of_a_year_stand_together() -> None:
    """Whoever filed them; and each is what it was."""
    made = ["0001234567-99-999999", "0000000001-00-000000", "9999999999-25-000001", "0000320193-26-000001"]
    keys = [key_of(one) for one in made]

    assert sorted(keys) == keys
    assert made == [accession_of(key) for key in keys]
    assert key_of("9999999999-89-999999") < 2**63


async def test_every_row_of_the_corpus_is_kept_as_it_was_read(either: Database) -> None:
    """Each box to its last digit, with the footnotes it cites; and everybody who reports."""
    made = []
    for path in sorted(path for folder in DOCUMENTS for path in (corpus() / folder).iterdir()):
        try:
            document = parse(path.read_bytes())
        except UnusableDocument:
            continue
        made.append(a_parsed(len(made) + 1, document, form=document.document_type))
    await keep(either, *made)
    found = [await history.find(either, one.filing.accession) for one in made]

    assert len(made) > 30
    for one, past in zip(made, found, strict=True):
        assert past is not None
        rows = (*one.document.non_derivative_table, *one.document.derivative_table)
        assert list(map(repr, past.rows)) == [repr(replace(row, raw={})) for row in rows]
        owners = {owner.rpt_owner_cik: owner.relationship for owner in reversed(one.document.reporting_owners)}
        assert owners == {owner.rpt_owner_cik: owner.relationship for owner in past.owners}


async def test_the_past_is_written_with_the_alerts(either: Database) -> None:
    """History too; a filing that is read again changes nothing."""
    book = Rulebook.of(rules({"all": {"channels": "desk"}}, {}, {"desk"}))
    step = MatcherStep(lambda: book, lambda: NOW, Unwatched())
    first, old = a_parsed(), a_parsed(2, provenance=Provenance(history=True))
    again = a_parsed(document=a_document(a_row(shares="7"), a_row()))
    for one in (first, old, again):
        record = Record(topic=Topic.PARSED, partition=0, offset=1, key="k", id="i", headers={}, value=encode(one))
        async with either.transaction() as tx:
            await step.write(tx, [step.read(record)])
    found = [await history.find(either, accession(number)) for number in (1, 2, 3)]

    assert [1, 1, None] == [past and len(past.rows) for past in found]
    assert found[0] is not None
    assert found[0].rows == first.document.non_derivative_table


async def test_a_filing_is_known_from_when_edgar_accepted_it(database: Database) -> None:
    """So far as that is known: what comes later must not have been known before."""
    before, later = NOW - timedelta(hours=9), NOW - timedelta(hours=1)
    times = [Times(accepted=before, updated=later), Times(updated=before, seen=later), Times(published=before), Times()]
    await keep(database, *(a_parsed(number, times=one) for number, one in enumerate(times)))
    found = [await history.find(database, accession(number)) for number in range(4)]

    assert [before, before, before, NOW] == [past and past.known for past in found]


async def test_a_company_s_and_an_owner_s_filings_come_latest_first(either: Database) -> None:
    """Part by part; what was filed on others is not among them."""
    for number in range(5):
        known = NOW - timedelta(days=number % 3)
        owners = (an_owner(), an_owner("ROE RICHARD", _OWNER)) if number % 2 else (an_owner(),)
        document = a_document(a_row(), reporting_owners=owners)
        await keep(either, a_parsed(number, document, times=Times(accepted=known)))
    elsewhere = a_document(an_option())
    issuer = replace(elsewhere.issuer, issuer_cik=Cik("0009900777"))
    await keep(either, a_parsed(9, replace(elsewhere, issuer=issuer)))
    company = elsewhere.issuer.issuer_cik
    first = await history_walk.latest(either, WhichFilings(issuer=company), 3)
    rest = await history_walk.latest(either, WhichFilings(issuer=company), 3, _place(first[-1]))
    owned = await history_walk.latest(either, WhichFilings(owner=_OWNER), 9)

    assert [3, 0, 4, 1, 2] == [int(past.accession[-6:]) for past in (*first, *rest)]
    assert [3, 1] == [int(past.accession[-6:]) for past in owned]
    assert ["ROE RICHARD"] == [one.rpt_owner_name for one in owned[0].owners if one.rpt_owner_cik == _OWNER]


def _place(past: Past) -> Place:
    return Place(past.known, key_of(past.accession))


async def test_what_edgar_served_is_better_than_what_a_set_says(either: Database) -> None:
    """The set's numbers are rounded; whichever came first."""
    key = key_of(ACCESSION)
    async with either.transaction() as tx:
        row = {"filing": key, "source": Brought.SET, "part": 1, "number": 9, "transaction_shares": Decimal("0.0")}
        await tx.execute(schema.history_rows.insert(), row)
        filed = {
            "filing": key,
            "source": Brought.SET,
            "form": "4",
            "issuer": 1,
            "known": NOW,
            "filed": date(2025, 3, 5),
        }
        await tx.execute(schema.history_filings.insert(), filed)
    from_the_set = await history.find(either, ACCESSION)
    await keep(either, a_parsed())
    found = await history.find(either, ACCESSION)

    assert from_the_set is not None
    assert (Brought.SET, date(2025, 3, 5), 1) == (from_the_set.source, from_the_set.filed, len(from_the_set.rows))
    assert found is not None
    assert (Brought.FEED, a_document(a_row()).non_derivative_table) == (found.source, found.rows)


async def test_a_holding_is_no_transaction(database: Database) -> None:
    """It has no boxes for one."""
    held = NonDerivativeHolding(
        shares_owned_following_transaction=Decimal("12.3450"), direct_or_indirect_ownership=OwnershipForm.INDIRECT
    )
    document = a_document(a_row())
    table = (held, *document.non_derivative_table)
    await keep(database, a_parsed(document=replace(document, non_derivative_table=table)))
    found = await history.find(database, accession(1))

    assert found is not None
    assert held in found.rows
    assert 2 == len(found.rows)


@pytest.mark.parametrize(("years", "left"), [(None, 2), (2.0, 1)])
async def test_the_past_is_kept_for_ever_or_as_long_as_is_set(
    database: Database, years: float | None, left: int
) -> None:
    """With its rows and owners."""
    for number, days in enumerate((100, 1000)):
        await keep(database, a_parsed(number, times=Times(accepted=NOW - timedelta(days=days))))
    await tidied(database, NOW - now(), **({} if years is None else {"past_years": years}))
    tables = (schema.history_filings, schema.history_owners, schema.history_rows)
    counts = [len({row[0] for row in await all_of(database, table.c.filing)}) for table in tables]

    assert [left] * 3 == counts
