"""A filing that very many rules meet: its alerts come a few at a time, each of them once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from consumers import stage
from consumers.language.rules import rules
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import AT_ONCE, MatcherStep
from service.log.table import TableLog
from service.model.alert import Alert
from service.model.parsed import ParsedFiling
from service.store import Database, Transaction, events
from service.vitals import Unwatched
from service.wire import decode
from service.wire.topics import Event, Topic, parsed_event
from tests.kit.documents import NOW, a_document, a_filing, a_row
from tests.kit.eventually import eventually

RULES = 1_900


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


class Watched(MatcherStep):
    """Counts what it writes; stops once, if it is told when."""

    def __init__(self, stops_at: int | None = None) -> None:
        asked = {f"rule {number}": {"value": f">= {number % 100}", "channels": "desk"} for number in range(RULES)}
        book = Rulebook.of(rules(asked, {}, {"desk"}))
        super().__init__(lambda: book, lambda: NOW, Unwatched())
        self.written: list[int] = []
        self._stops_at = stops_at

    async def write(self, tx: Transaction, results: list[Any]) -> None:
        await super().write(tx, results)
        self.written.append(sum(one.size for one in results))
        if len(self.written) == self._stops_at:
            raise asyncio.CancelledError  # as if the machine had lost power: a fault of the step would be looked into


@asynccontextmanager
async def running(step: MatcherStep, database: Database) -> AsyncIterator[asyncio.Task[None]]:
    source = TableLog(database, Unwatched()).source(step.group, step.topic)
    task = asyncio.create_task(stage.run(step, source, database, lambda: NOW, Unwatched()))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def filed(*accessions: str) -> list[Event]:
    return [
        parsed_event(ParsedFiling(filing=a_filing(accession=accession), document=a_document(a_row())), NOW)
        for accession in accessions
    ]


async def alerts(database: Database) -> list[tuple[str, str]]:
    found = [
        decode(one.value, Alert) async for one in TableLog(database, Unwatched()).tail(Topic.ALERTS, None, follow=False)
    ]
    return [(alert.filing.accession, alert.rule) for alert in found]


async def test_no_transaction_is_huge_and_each_rule_alerts_once(database: Database) -> None:
    """In the order of the filings: those before and behind the one that all rules meet."""
    step, accessions = Watched(), [f"0009990900-25-00000{number}" for number in range(3)]
    async with database.transaction() as tx:
        tx.emit(*filed(*accessions))
    async with running(step, database):
        await eventually(lambda: _all(database, 3 * RULES))

    found = await alerts(database)
    assert 3 * RULES == len(set(found)) == len(found)
    assert accessions == list(dict.fromkeys(accession for accession, _ in found))
    assert max(step.written) <= AT_ONCE


@pytest.mark.parametrize("stops_at", [1, 2, 4])
async def test_what_stops_in_between_brings_what_is_missing(database: Database, stops_at: int) -> None:
    """The alerts that were there already come no second time."""
    async with database.transaction() as tx:
        tx.emit(*filed("0009990900-25-000001"))
    async with running(Watched(stops_at), database) as task:
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (stops_at - 1) * AT_ONCE == len(await alerts(database))
    async with running(Watched(), database):
        await eventually(lambda: _all(database, RULES))

    found = await alerts(database)
    assert RULES == len(set(found)) == len(found)


async def _all(database: Database, count: int) -> bool:
    return (await events.counts(database)).get(Topic.ALERTS, 0) == count
