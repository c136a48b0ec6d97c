"""No look reads a whole table: what it costs must not grow with what is stored."""

import re
from typing import Any

import pytest
from sqlalchemy import text

from consumers.matcher.tape import line_of
from service.clock import SystemClock, now
from service.control import tape as control
from service.control.overview import overview
from service.control.status import status
from service.control.tape import Filter
from service.log.table import TableLog
from service.model.filing import Accession, Cik
from service.model.identity import DEFAULT
from service.settings import Settings
from service.store import (
    Database,
    claims,
    day_records,
    deliveries,
    digests,
    events,
    filings,
    history,
    history_walk,
    letters,
    matchings,
    notices,
    tape,
    undelivered,
)
from service.store.history_walk import WhichFilings
from service.vitals import Unwatched
from service.watch.look import Look
from service.watch.metrics import Metrics
from service.watch.watch import Watch
from service.wire.topics import Topic
from tests.kit.documents import a_row, a_subject
from tests.kit.statements import statements

_LARGE = (
    "events",
    "filings",
    "listed",
    "messages",
    "deliveries",
    "attempts",
    "matchings",
    r"tape\w*",
    r"rang\w*",
    r"part(?:ies|y_words)\w*",
)  # tables that grow with every filing
_FEW = (  # indexes that hold few rows of them
    "filings_pending|filings_dead|filings_by_backfill|deliveries_by_digest|deliveries_unseen"
)
_LATEST = "ix_messages_created|deliveries_waiting|matchings_by_time|tape_by_time"  # read from an end, as far as a limit
_ROLES = ("poller", "parser", "matcher", "dispatcher")


def a_look(database: Database) -> Look:
    return Look(database, TableLog(database, Unwatched()), Settings(), now())


async def a_search(database: Database, **wanted: Any) -> None:
    """With somebody of each name on the tape: else nothing would be looked for."""
    async with database.transaction() as tx:
        await tape.add(tx, [line_of(a_subject(a_row()), now())])
    await control.search(database, DEFAULT, Filter(**wanted), 50, (now(), Accession("0009990900-25-000001")))


LOG_AND_STATUS = {
    "lag": lambda database: TableLog(database, Unwatched()).lag(),
    "/metrics": lambda database: Metrics().exposition(a_look(database), _ROLES),
    "status": lambda database: status(a_look(database)),
    "overview": lambda database: overview(a_look(database)),
    "watch": lambda database: Watch(
        Settings(), database, TableLog(database, Unwatched()), SystemClock(), Unwatched()
    ).look(),
    "events": events.counts,
    "relay's lag": lambda database: events.count_from(database, 1),
    "tail": lambda database: events.nth_last(database, Topic.PARSED, 10),
    "filings": filings.counts,
    "newest": filings.newest,
    "next due": filings.next_due,
    "oldest pending": filings.oldest_pending,
    "due": lambda database: filings.due(database, now(), 10),
    "known": lambda database: filings.known(database, [Accession("0009990900-25-000001")]),
    "day": lambda database: day_records.unlisted(database, now().date()),
    "completeness": lambda database: day_records.records(database, now().date()),
    "deliveries": deliveries.counts,
    "pending": deliveries.pending,
    "usual silence": lambda database: filings.times_around(database, now(), now()),
    "latency": lambda database: matchings.latest(database, 10),
    "latency, alerts": lambda database: matchings.received(database, 10),
    "tape": a_search,
    "tape, by name": lambda database: a_search(database, company="example", owner="doe", kind="gift", rang=True),
    "tape, by symbol": lambda database: a_search(database, ticker="EXMP", kind="sale", worth="$5m", form="4/A"),
    "tape, a day": lambda database: a_search(database, since="2025-03-05", until="2025-03-05", kind="sale"),
    "tape, one": lambda database: tape.find(database, Accession("0009990900-25-000001")),
    "dead": undelivered.dead,
    "waiting": undelivered.waiting,
    "what waits for channels": claims.queues,
    "at the sender's start": claims.release,
    "letters": letters.count_open,
    "a company's past": lambda database: history_walk.latest(database, WhichFilings(issuer=Cik("0009900001")), 10),
    "an owner's past": lambda database: history_walk.latest(database, WhichFilings(owner=Cik("0009900001")), 10),
    "a filing's past": lambda database: history.find(database, Accession("0009990900-25-000001")),
    "notices": notices.standing,
    "digests": lambda database: digests.ripe(database, now(), []),
}


@pytest.mark.parametrize("look", LOG_AND_STATUS)
async def test_no_look_reads_a_table_that_grows(look: str, database: Database) -> None:
    """SQLite tells how it would go about each statement."""
    with statements() as seen:
        await LOG_AND_STATUS[look](database)
    looks = [(one, given) for one, given in seen if one.startswith(("SELECT", "UPDATE", "WITH"))]
    assert looks
    scans = [f"{step}: {one}" for one, given in looks for step in await _scans(database, one, given)]

    assert [] == scans


async def _scans(database: Database, statement: str, given: Any) -> list[str]:
    """The steps of *statement* that go through all of a large table."""
    names = iter(range(len(given)))
    named = re.sub(r"\?", lambda _: f":p{next(names)}", statement)
    values = {f"p{place}": value for place, value in enumerate(given)}
    async with database.reading() as connection:
        plan = await connection.execute(text(f"EXPLAIN QUERY PLAN {named}"), values)
        steps = [row[-1] for row in plan]
    large = re.compile(rf"SCAN (?:{'|'.join(_LARGE)})\b(?! USING (?:COVERING )?INDEX (?:{_FEW}|{_LATEST}))")
    return [step for step in steps if large.search(step)]
