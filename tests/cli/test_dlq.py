"""Dead letters: listed, shown, retried under the ids they had, dropped; and a stop instead of a flood."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from consumers import stage
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from consumers.quarantine import FloodGate
from service.log.table import TableLog
from service.model.dead import DeadLetter
from service.model.errors import Flood, UnusableReason
from service.model.filing import Original
from service.store import Database, events, filings, letters
from service.store.database import open_database
from service.store.filings import Seen
from service.store.letters import WhichLetters
from service.vitals import Unwatched
from service.wire.topics import Topic
from tests.kit.archives import a_submission
from tests.kit.eventually import eventually
from tests.kit.filings import a_filing_event, now
from tests.kit.forked import called

ACCESSION = "0009990900-25-000001"
LARGE = a_submission(ACCESSION) + b"<!--" + b"x" * 3000 + b"-->"


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    """A state folder whose parser gave up on a document over a limit, with the stage stopped."""
    database = await open_database(f"sqlite:///{tmp_path}/filingbell.db")
    async with database.transaction() as tx:
        tx.emit(a_filing_event(1, document=LARGE), a_filing_event(2))
    await run_until(database, ParserStep(now, Limits(submission_bytes=4000), Unwatched()), dead=1, parsed=1)
    await database.close()
    return tmp_path


async def run_until(
    database: Database, step: ParserStep, *, dead: int, parsed: int, gate: FloodGate | None = None
) -> None:
    source = TableLog(database, Unwatched()).source(step.group, step.topic)
    task = asyncio.create_task(stage.run(step, source, database, now, Unwatched(), gate))

    async def through() -> bool:
        counts = await events.counts(database)
        return task.done() or (dead, parsed) == (counts.get(Topic.DEAD, 0), counts.get(Topic.PARSED, 0))

    await eventually(through)
    task.cancel()
    (ended,) = await asyncio.gather(task, return_exceptions=True)
    if not isinstance(ended, asyncio.CancelledError):
        raise ended


def dlq(home: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    environment = {"FILINGBELL_HOME": str(home), "COLUMNS": "250"} | {
        f"FILINGBELL_{name.upper()}": value for name, value in settings.items()
    }
    return called("dlq", *arguments, environment=os.environ | environment)


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[Database]:
    database = await open_database(f"sqlite:///{home}/filingbell.db")
    yield database
    await database.close()


def test_open_letters_are_listed_and_shown(home: Path) -> None:
    """For eyes and for programs, with the very bytes."""
    listed, as_json = dlq(home, "list"), dlq(home, "list", "--json")
    shown = dlq(home, "show", ACCESSION)

    assert "too-large" in listed.stdout
    (one,) = json.loads(as_json.stdout)
    assert {"stage": "parser", "reason": "too-large", "accession": ACCESSION, "state": "open"}.items() <= one.items()
    assert datetime.fromisoformat(one["died"]).tzinfo == UTC
    assert "T" in one["died"]
    letter = json.loads(shown.stdout)
    assert LARGE.decode() == json.loads(letter["original"]["text"])["document"]["text"]


async def test_a_retry_after_the_cause_is_mended_gives_the_event_its_own_id(home: Path) -> None:
    """As if it had been read in the first place."""
    still = dlq(home, "retry", ACCESSION, max_submission_bytes="4000")
    mended = dlq(home, "retry", f"https://www.sec.gov/Archives/edgar/data/1/{ACCESSION.replace('-', '')}/")
    again = dlq(home, "retry", ACCESSION)
    async with opened(home) as database:
        parsed = [one.id for one in await events.read(database, Topic.PARSED, 0, 10)]

    assert (1, True) == (still.returncode, "still unusable" in still.stdout)
    assert (0, True) == (mended.returncode, "retried" in mended.stdout)
    assert 0 == again.returncode
    assert ["parsed-0009990900-25-000002", f"parsed-{ACCESSION}"] == parsed
    assert "no dead letters are open" in dlq(home, "list").stdout
    assert "retried" in dlq(home, "list", "--all").stdout


def test_a_call_that_means_no_letter_says_so(home: Path) -> None:
    """Silence would look like success."""
    retried, dropped = dlq(home, "retry", "--stage", "matcher"), dlq(home, "drop", "--reason", "empty")

    assert [0, 0] == [retried.returncode, dropped.returncode]
    assert "no open dead letter matches" in retried.stdout
    assert "no open dead letter matches" in dropped.stdout
    assert "no such dead letters are open" in dlq(home, "list", "--stage", "matcher").stdout


async def test_dropped_letters_are_out_of_the_way_but_stay_on_the_topic(home: Path) -> None:
    """Nothing is deleted."""
    done = dlq(home, "drop", "--reason", "too-large")
    async with opened(home) as database:
        assert 1 == len(await events.read(database, Topic.DEAD, 0, 10))

    assert "dropped" in done.stdout
    assert "no dead letters are open" in dlq(home, "list").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("retry",), "say which: ids or accession numbers, --stage, --reason, or --all"),
        (("drop", "nothing"), "there is no dead letter nothing"),
    ],
)
def test_what_is_not_meant_is_not_done(arguments: tuple[str, ...], told: str, home: Path) -> None:
    """A slip must not drop everything."""
    done = dlq(home, *arguments)

    assert (2, True) == (done.returncode, told in done.stderr)


async def test_a_filing_that_was_never_served_is_fetched_again(home: Path) -> None:
    """The poller's letters go back to pending; and if it dies again, the letter is open again."""
    letter = DeadLetter(
        group="poller",
        reason=UnusableReason.NEVER_SERVED,
        message="EDGAR lists it, but never served it",
        accession="0009990900-25-000009",
        topic=None,
        partition=None,
        offset=None,
        id=None,
        key=None,
        original=Original.of(b""),
        died=now(),
    )
    seen = Seen(
        accession="0009990900-25-000009",
        form="4",
        archive_cik="1",
        issuer_cik=None,
        issuer_name=None,
        updated=now(),
        seen=now(),
        history=False,
    )
    async with opened(home) as database, database.transaction() as tx:
        await filings.add(tx, [seen])
        await filings.settle(tx, seen.accession, filings.FilingState.DEAD)
        await letters.bury(tx, letter)
    done = dlq(home, "retry", "--stage", "poller")
    async with opened(home) as database:
        states = await filings.counts(database)
        async with database.transaction() as tx:
            await letters.bury(tx, letter)
        open_again = await letters.page(
            database, WhichLetters(states=(letters.LetterState.OPEN,), stages=("poller",)), 9
        )

    assert 0 == done.returncode
    assert {"pending": 1} == states
    assert 1 == len(open_again)


async def test_a_flood_stops_the_stage_before_everything_is_given_up(database: Database) -> None:
    """Nine of ten are unusable: the cause is not in the records, and they stay unread."""
    good = [a_filing_event(number) for number in range(10)]
    bad = [a_filing_event(number, document=b"<html>maintenance</html>") for number in range(10, 1010)]
    async with database.transaction() as tx:
        tx.emit(*good, *bad)
    with pytest.raises(Flood, match="records are unusable"):
        await run_until(
            database, ParserStep(now, Limits(), Unwatched()), dead=1000, parsed=10, gate=FloodGate("parser")
        )
    counts = await events.counts(database)

    assert counts.get(Topic.DEAD, 0) < 200
    await run_until(database, ParserStep(now, Limits(), Unwatched()), dead=1000, parsed=10)


async def test_some_dead_letters_are_no_flood(database: Database) -> None:
    """Half of them broken is bad, but they are told apart from the good ones."""
    async with database.transaction() as tx:
        tx.emit(*(a_filing_event(number, document=b"<html>" if number % 2 else None) for number in range(400)))

    await run_until(database, ParserStep(now, Limits(), Unwatched()), dead=200, parsed=200, gate=FloodGate("parser"))
