"""Facts of the past are told ahead, once, and go with what they are of."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consumers.matcher.subject import Subject
from service.clock import SystemClock
from service.control import preparing
from service.control.backtest import backtest
from service.control.preparing import Preparing, prepare
from service.control.tallied import Backtest
from service.history.importing import Importer
from service.history.sets import Set
from service.store import Database, history
from service.store.schema import history_facts
from service.vitals import Unwatched
from tests.control.filed import END, START, bought, filed, keep
from tests.kit.documents import a_rule
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.quarters import a_quarter
from tests.kit.rows import all_of
from tests.kit.tasks import going_on

DAY = date(2023, 5, 1)


async def prepared(database: Database) -> set[int]:
    """The filings whose facts are kept now."""
    async for _ in prepare(database, SystemClock()):
        pass
    return {filing for (filing,) in await all_of(database, history_facts.c.filing)}


async def tried(database: Database, **asked: Any) -> Backtest:
    return await backtest(database, a_rule(**asked), START, END, SystemClock())


async def test_a_filing_is_read_once(either: Database) -> None:
    """For all rules that its columns decide; who reads it for want of them keeps them, too."""
    made = [filed(number, DAY, bought(DAY)) for number in range(3)]
    await keep(either, *made)
    found = [await tried(either, kinds="purchase", value=">= 1") for _ in range(2)]
    late = filed(4, DAY, bought(DAY))
    await keep(either, late)
    kept = await prepared(either)
    other = await tried(either, kinds=["purchase", "sale"], shares="< 5000")

    assert [(3, 3), (0, 3)] == [(one.held, one.rang) for one in found]
    assert {history.key_of(one.filing.accession) for one in (*made, late)} == kept
    assert (0, 4) == (other.held, other.rang)


async def test_the_service_tells_facts_by_itself(database: Database) -> None:
    """While it runs, whatever rules there are."""
    await keep(database, *(filed(number, DAY, bought(DAY)) for number in range(3)))
    async with going_on(Preparing(database, SystemClock(), Unwatched()).run()):

        async def told() -> bool:
            return 3 == len(await all_of(database, history_facts.c.filing))

        await eventually(told)


async def test_what_a_later_issue_says_otherwise_is_told_anew(either: Database, tmp_path: Path) -> None:
    """And what the retention takes takes its facts along."""
    quarter = a_quarter(20)
    importer = Importer(either, now, lambda _: None)
    await importer.bring(Set(quarter.zipped(tmp_path / "first.zip")))
    await prepared(either)
    for row in quarter.tables["NONDERIV_TRANS"]:
        row["TRANS_CODE"] = "L"
    await importer.bring(Set(quarter.zipped(tmp_path / "second.zip")))
    left = len(set(await all_of(either, history_facts.c.filing)))
    found = await tried(either, kinds="small-acquisition")
    again = await tried(either, kinds="small-acquisition")
    async with either.transaction() as tx:
        await history.forget(tx, now(), 100)

    assert left < 20
    assert found.rings == again.rings
    assert (0, len({row["ACCESSION_NUMBER"] for row in quarter.tables["NONDERIV_TRANS"]})) == (again.held, again.rang)
    assert [] == await all_of(either, history_facts.c.filing)


async def test_a_filing_whose_facts_cannot_be_told_is_read_each_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hurts nobody else."""
    await keep(database, *(filed(number, DAY, bought(DAY)) for number in range(2)))
    columns_of = preparing.columns_of

    def failing(subject: Subject) -> Any:
        if subject.filing.accession.endswith("1"):
            raise ZeroDivisionError
        return columns_of(subject)

    monkeypatch.setattr(preparing, "columns_of", failing)
    kept = await prepared(database)
    found = await tried(database, kinds="purchase")

    assert (1, 1, 2) == (len(kept), found.held, found.rang)
