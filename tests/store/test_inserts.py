"""INSERTs in the driver's own words."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Table, column, delete, insert, select

from service.store import Database
from service.store.schema import events, history_filings, history_rows, matchings, tallies

_AT = datetime(2026, 3, 4, 15, 6, 7, 89, tzinfo=UTC)
_ROWS: dict[Table, dict[str, Any]] = {
    events: {
        "topic": "form4.parsed",
        "key": "0000320193",
        "id": "0b7ee5a2-5a2c-5f4e-9c55-2a3f4f1f6f2e",
        "headers": {"ce_subject": "0000320193-25-000073"},
        "value": b'{"filing":{}}',
        "shared": None,
    },
    matchings: {"accession": "0000320193-25-000073", "revision": 7, "at": _AT, "times": [1, None, 3]},
    history_filings: {
        "filing": 350000320193000073,
        "source": 0,
        "form": "4",
        "issuer": 320193,
        "known": _AT,
        "filed": date(2026, 3, 4),
        "plan": True,
        "left": None,
    },
    history_rows: {
        "filing": 350000320193000073,
        "source": 0,
        "part": 1,
        "number": 0,
        "transaction_shares": Decimal("1E+3"),
    },
}


@pytest.mark.parametrize("table", _ROWS, ids=lambda table: table.name)
async def test_a_row_is_stored_as_sqlalchemy_stores_it(database: Database, table: Table) -> None:
    """What binds rows beside it must give columns the same form."""
    row = _ROWS[table]
    stored = select(*map(column, row)).select_from(table)  # without types: as the database has them
    async with database.transaction() as tx:
        await tx.add(table, row)
        mine = (await tx.execute(stored)).one()
        await tx.execute(delete(table))
        await tx.execute(insert(table), row)
        theirs = (await tx.execute(stored)).one()

    assert [*map(type, theirs), *theirs] == [*map(type, mine), *mine]


async def test_rows_are_bound_by_the_names_of_their_columns(database: Database) -> None:
    """Whatever their order, and with those left out that have a default or may be missing."""
    async with database.transaction() as tx:
        await tx.add(tallies, [{"total": 2, "name": "b"}, {"name": "a", "total": 1}])
        found = (await tx.execute(select(tallies.c.name, tallies.c.total).order_by(tallies.c.name))).all()

    assert [("a", 1), ("b", 2)] == found
