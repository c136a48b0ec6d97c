"""Days since something was done, against their definitions written down as SQL."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from consumers.matcher.facts.fact import AtLeast
from consumers.matcher.facts.registry import value
from service.model.ownership import AcquiredDisposed
from service.model.parsed import ParsedFiling
from service.store import Database
from tests.kit.documents import a_row
from tests.matcher.kept import BEGUN, OWNERS, filed, keep, subject

ORACLE = """
SELECT r.transaction_code AS code, r.transaction_acquired_disposed_code AS box, r.transaction_date AS day, f.filed
FROM history_rows r JOIN history_filings f ON f.filing = r.filing AND f.source = r.source
WHERE f.issuer = 9900001 AND f.known < :known AND r.part = 1 AND r.transaction_code = :code
  AND coalesce(r.equity_swap_involved, 0) = 0
  AND EXISTS (SELECT 1 FROM history_owners o WHERE o.filing = f.filing AND o.owner IN ({owners}))
  AND (:amends = 0 OR (f.filed <> :amends AND coalesce(f.amends, 0) <> :amends))
  AND NOT EXISTS (
    SELECT 1 FROM history_filings g JOIN history_rows s ON s.filing = g.filing
    WHERE g.form = '4/A' AND g.known > f.known AND g.known < :known AND g.issuer = f.issuer
      AND (:amends = 0 OR (g.filed <> :amends AND coalesce(g.amends, 0) <> :amends))
      AND (g.amends = f.filed OR g.amends = f.amends) AND s.part = r.part AND s.security_title = r.security_title
      AND s.transaction_date = r.transaction_date
      AND (s.transaction_code = r.transaction_code OR s.transaction_shares = r.transaction_shares)
      AND EXISTS (SELECT 1 FROM history_owners a JOIN history_owners b ON a.owner = b.owner
                  WHERE a.filing = f.filing AND b.filing = g.filing))
"""


def number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def day_of(found: int) -> date:
    return date(found // 10_000, found // 100 % 100, found % 100)


async def by_definition(database: Database, parsed: ParsedFiling, code: str, complete: date) -> tuple[str, int]:
    """How many days it is since the last row of *code*, from the tables and the definitions alone."""
    document, day = parsed.document, parsed.document.non_derivative_table[0].transaction_date  # type: ignore[union-attr]
    owners = ", ".join(str(int(owner.rpt_owner_cik)) for owner in document.reporting_owners)
    amended = document.date_of_original_submission
    accepted = parsed.filing.times.accepted
    assert accepted is not None
    parameters = {
        "known": int(accepted.timestamp() * 1_000_000),
        "code": code,
        "amends": number(amended) if amended else 0,
    }
    async with database.reading() as connection:
        rows = (await connection.execute(text(ORACLE.format(owners=owners)), parameters)).all()
    right = {"P": "A", "S": "D"}[code]
    sure = [day_of(row.day) for row in rows if row.box == right and row.day <= row.filed and day_of(row.day) < day]
    ends = [
        day_of(row.day) if row.day <= row.filed else min(day_of(row.filed), day - timedelta(days=1))
        for row in rows
        if row.box != right or row.day > row.filed
    ]
    last = max(sure, default=date.min)
    end = max((one for one in ends if last < one < day), default=None)
    uncovered = last + timedelta(days=1) < complete
    if uncovered and complete >= day:
        return "unknown", 0
    if end is None and not uncovered:
        return "exactly", (day - last).days
    latest = max([one for one in (end, complete - timedelta(days=1) if uncovered else None) if one is not None])
    return "at least", (day - latest).days


async def test_days_are_what_the_definitions_say_of_generated_filings(database: Database) -> None:
    """Joint owners, wrong boxes, days to come, late filings and amendments among them; by SQL on the same tables."""
    chance = random.Random(20250305)
    every = [BEGUN, *generated(chance, 250)]
    await keep(database, *every)
    complete = date(2020, 1, 7)
    wrong, kinds = [], set()
    for one in every[1:]:
        looked = await subject(database, one)
        for code, name in (("P", "days_since_purchase"), ("S", "days_since_sale")):
            expected = await by_definition(database, one, code, complete)
            found = value(name, looked, looked.facts[0])
            how = "unknown" if found is None else "at least" if isinstance(found, AtLeast) else "exactly"
            kinds.add(how)
            traded = looked.facts[0].transaction.transaction_date
            if traded is not None and one.filing.filed_on is not None and traded > one.filing.filed_on:
                expected = "unknown", 0  # its own day is in doubt
            if (how, int(found or 0)) != expected:  # type: ignore[call-overload]
                wrong.append((one.filing.accession, name, expected, found))

    assert [] == wrong
    assert {"unknown", "at least", "exactly"} == kinds


def generated(chance: random.Random, count: int) -> Sequence[ParsedFiling]:
    made: list[ParsedFiling] = []
    day = date(2020, 1, 7)
    for place in range(count):
        day += timedelta(days=chance.choice((0, 1, 3, 9, 30)))
        owners = tuple(chance.sample(OWNERS, chance.choice((1, 1, 1, 2))))
        rows = [a_deed(chance, day) for _ in range(chance.choice((1, 2, 3)))]
        fields: dict[str, Any] = {"reporting_owners": owners}
        if made and chance.random() < 0.2:
            original = chance.choice(made[-10:])
            again = original.document.non_derivative_table[0]
            rows = [a_deed(chance, again.transaction_date), *rows]  # type: ignore[union-attr, arg-type]
            fields = {
                "reporting_owners": original.document.reporting_owners,
                "document_type": "4/A",
                "date_of_original_submission": original.filing.filed_on,
            }
        made.append(filed(place + 2, day, *rows, **fields))
    return made


def a_deed(chance: random.Random, day: date) -> Any:
    code = chance.choice("PS")
    right = AcquiredDisposed.ACQUIRED if code == "P" else AcquiredDisposed.DISPOSED
    wrong = AcquiredDisposed.DISPOSED if code == "P" else AcquiredDisposed.ACQUIRED
    return a_row(
        code,
        shares=chance.choice(("100", "200", "300")),
        transaction_date=day - timedelta(days=chance.choice((0, 1, 2, 2, 40, -3 if chance.random() < 0.1 else 2))),
        transaction_acquired_disposed_code=wrong if chance.random() < 0.03 else right,
        equity_swap_involved=chance.random() < 0.05,
    )
