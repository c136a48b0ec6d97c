"""What an insider held over the years, and what was bought and sold."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from service.control.recalling import with_past
from service.control.trend import trend
from service.model.filing import Accession, Cik
from service.model.ownership import AcquiredDisposed, OwnershipForm, TransactionCode
from service.model.recalled import Recalled
from service.store import Database, history_walk
from service.store.history_walk import WhichFilings
from tests.kit.documents import NOW, a_document, a_row, an_option, an_owner
from tests.store.test_history import a_parsed, keep

_OWNER = an_owner()


def on(day: date, code: str, shares: str, after: str, **fields: Any) -> Any:
    row = a_row(code, shares=shares, transaction_date=day, shares_owned_following_transaction=Decimal(after), **fields)
    gone = code == TransactionCode.SALE
    return replace(
        row, transaction_acquired_disposed_code=AcquiredDisposed.DISPOSED if gone else AcquiredDisposed.ACQUIRED
    )


async def filed(database: Database, *filings: tuple[Any, ...]) -> list[Recalled]:
    for number, rows in enumerate(filings):
        await keep(database, a_parsed(number, a_document(*rows)))
    return await with_past(
        database, await history_walk.latest_keys(database, WhichFilings(issuer=a_document().issuer.issuer_cik), 100)
    )


async def test_holdings_follow_the_last_row_of_a_day_and_trades_add_up(database: Database) -> None:
    """Of shares held directly; options, grants and what is held by a trust are something else."""
    day = date(2025, 3, 3)
    past = await filed(
        database,
        (on(day, "P", "100", "100"), on(day, "P", "50", "150"), an_option()),
        (on(day + timedelta(days=1), "A", "10", "160"),),
        (on(day + timedelta(days=1), "S", "60", "100"),),
        (on(day + timedelta(days=2), "P", "9", "900", direct_or_indirect_ownership=OwnershipForm.INDIRECT),),
    )
    found = trend(past, of_owner=True)

    assert [(day, 150), (day + timedelta(days=1), 100)] == list(found.held)
    assert [(day, 150), (day + timedelta(days=2), 9)] == list(found.bought)
    assert [(day + timedelta(days=1), 60)] == list(found.sold)
    assert found.title.endswith("Common Stock, held directly")
    assert () == trend(past, of_owner=False).held


async def test_a_trade_that_several_file_counts_once(database: Database) -> None:
    """Funds of one sponsor file the same row each."""
    row = on(date(2025, 3, 3), "S", "70", "30")
    past = await filed(database, (row,), (row,), (row,))

    assert [(date(2025, 3, 3), 70)] == list(trend(past, of_owner=False).sold)


async def test_a_day_after_the_filing_is_a_slip_of_the_pen(database: Database) -> None:
    """And would stretch the plot; of nothing there is no trend."""
    day = NOW.date() + timedelta(days=365)
    past = await filed(database, (on(day, "P", "1", "1"),))

    assert day > max(trend(past, of_owner=True).days)
    assert () == trend(past, of_owner=True).bought
    assert [] == trend([], of_owner=True).days


async def test_of_several_companies_the_one_of_which_most_is_said_is_shown(database: Database) -> None:
    """Numbers of shares of two companies are no trend."""
    first = await filed(database, (on(date(2025, 3, 3), "P", "1", "1"), on(date(2025, 3, 4), "P", "2", "3")))
    (one,) = first
    past = replace(one.past, issuer=Cik("0009900777"), company="OTHER", accession=Accession("0009990900-25-000777"))
    other = replace(one, past=past, parsed=replace(one.parsed, document=a_document(one.past.rows[0])))

    assert [1, 2] == [count for _, count in trend([other, *first], of_owner=True).bought]
