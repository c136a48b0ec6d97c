"""completeness, reconcile, backfill and latency, as their users call them."""

import asyncio
import json
import os
import signal
import subprocess
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from service.lookalike.faults import Fault, Faults
from service.lookalike.server import LookAlike
from service.model import calendar
from service.store import day_records
from service.store.database import open_database
from tests.kit.archives import ScriptedArchive, listings
from tests.kit.command import CONFIG, run
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.indexes import an_index, began, path_of
from tests.kit.process import COMMAND, Service
from tests.kit.receiver import Receiver

DAY = date(2025, 3, 4)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a configuration; no service has run here."""
    (tmp_path / "filingbell.yaml").write_text(CONFIG.replace("URL", "http://127.0.0.1:9"))
    return tmp_path


async def called(home: Path, edgar: LookAlike, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    settings = {"SEC_URL": edgar.url, "SEC_DATA_URL": edgar.url, "SEC_CONTACT": "Tests tests@example.com"}
    settings |= {"SEC_RATE": "1000"} | more
    prefixed = {f"FILINGBELL_{name}": value for name, value in settings.items()}
    return await asyncio.to_thread(run, home, *arguments, **prefixed)


async def test_a_day_is_compared_at_once_without_a_service(home: Path) -> None:
    """`reconcile DATE` fetches what is missing and says so; `completeness` remembers it."""
    archive, made = ScriptedArchive(), listings(8)
    archive.add(*made)
    archive.files[path_of(DAY)] = an_index(DAY, made)
    async with LookAlike(archive) as edgar:
        compared = await called(home, edgar, "reconcile", DAY.isoformat(), "--json")
        shown = await called(home, edgar, "completeness", "--since", DAY.isoformat())
        weekend = await called(home, edgar, "reconcile", "2025-03-08")
    (record,) = json.loads(compared.stdout)

    assert (0, "") == (compared.returncode, compared.stderr.replace("\n", ""))
    counts = {"indexed": 8, "seen": 0, "recovered": 8, "dead": 0, "missing": 0}
    assert counts == {name: record[name] for name in counts}
    assert 0 == shown.returncode
    assert "complete" in shown.stdout
    assert 0 == weekend.returncode
    assert "Saturday" in weekend.stdout


async def test_what_stays_missing_is_said_and_the_exit_status_is_1(home: Path) -> None:
    """A document that EDGAR lists and does not serve."""
    archive, made = ScriptedArchive(), listings(3)
    archive.add(*made)
    archive.missing.add(made[1].accession)
    archive.files[path_of(DAY)] = an_index(DAY, made)
    async with LookAlike(archive) as edgar:
        compared = await called(home, edgar, "reconcile", DAY.isoformat(), "--json")
        shown = await called(home, edgar, "completeness", "--since", DAY.isoformat(), "--json")
        read = await called(home, edgar, "completeness", "--since", DAY.isoformat())

    assert f"{made[1].accession}.txtisnotthere(404)" in "".join(read.stdout.split())  # wherever it wraps
    assert (1, 1) == (compared.returncode, shown.returncode)
    assert [1] == [record["missing"] for record in json.loads(shown.stdout)]


async def test_an_index_that_cannot_be_trusted_is_said(home: Path) -> None:
    """And when it is looked at again."""
    archive = ScriptedArchive()
    archive.files[path_of(DAY)] = b"<html>maintenance</html>"
    async with LookAlike(archive) as edgar:
        compared = await called(home, edgar, "reconcile", DAY.isoformat())

    assert 1 == compared.returncode
    assert "cannot be trusted" in " ".join(compared.stdout.split())


async def test_a_backfill_runs_without_a_service_and_goes_on_where_it_was(home: Path) -> None:
    """Called twice it is done once."""
    archive, made = ScriptedArchive(), listings(12)
    archive.add(*made)
    archive.files[path_of(DAY)] = an_index(DAY, made)
    arguments = ("backfill", "--since", DAY.isoformat(), "--until", DAY.isoformat())
    async with LookAlike(archive) as edgar:
        first = await called(home, edgar, *arguments)
        second = await called(home, edgar, *arguments)
    lines = run(home, "tail", "form4.filings", "--from-beginning", "--json").stdout.splitlines()
    filings = [json.loads(line)["value"]["filing"] for line in lines]

    assert (0, 0) == (first.returncode, second.returncode)
    assert "12 published" in first.stdout
    assert "12 known before" in second.stdout
    assert sorted(one.accession for one in made) == sorted(filing["accession"] for filing in filings)
    assert {(True, "backfill")} == {(p["history"], p["source"]) for p in (filing["provenance"] for filing in filings)}


async def test_a_running_service_does_what_is_asked_and_tells_how_long_filings_took(home: Path) -> None:
    """One process talks to EDGAR: the command only asks. Alerts of a backfill come as a digest."""
    archive, made = ScriptedArchive(), listings(20)
    live, past = made[:5], made[5:]
    archive.add(*past)
    archive.hidden |= {one.accession for one in past}
    archive.files[path_of(DAY)] = an_index(DAY, past)
    archive.add(*live)
    async with LookAlike(archive) as edgar, Receiver() as receiver:
        (home / "filingbell.yaml").write_text(CONFIG.replace("URL", receiver.url))
        service = Service(
            home / "state",
            home / "filingbell.yaml",
            sec_url=edgar.url,
            sec_data_url=edgar.url,
            sec_contact="Tests tests@example.com",
            sec_rate="1000",
            poll_seconds="0.1",
        )
        await service.start("--since", calendar.eastern_day(now()).isoformat())

        async def alerted(count: int) -> bool:
            return len(receiver.received) >= count

        await eventually(lambda: alerted(5))
        day = DAY.isoformat()
        done = await called(home, edgar, "backfill", "--since", day, "--until", day, "--alert")
        await eventually(lambda: alerted(6))
        status = await called(home, edgar, "status", "--json")
        assert 0 == await service.stop()
    latency = run(home, "latency", "--json")
    digest = receiver.received[5].content

    assert (0, 0) == (done.returncode, latency.returncode)
    assert "15 published" in done.stdout
    assert 6 == len(receiver.received)
    assert ("digest", 15) == (digest["kind"], len(digest["lines"]))
    figures = json.loads(latency.stdout)
    assert {"seen", "fetched", "published", "parsed", "matched", "sent", "seen-to-sent"} <= figures.keys()
    assert {5} == {figures[name]["count"] for name in ("published", "parsed", "matched", "sent")}
    assert json.loads(status.stdout)["feed"]["newest"] is not None
    assert [] == json.loads(status.stdout)["backfills"]


async def test_a_backfill_can_be_stopped(home: Path) -> None:
    """What it has published stays; what it has not is forgotten."""
    archive, made = ScriptedArchive(), listings(10)
    archive.add(*made)
    archive.missing = {one.accession for one in made[5:]}
    archive.files[path_of(DAY)] = an_index(DAY, made)
    day = DAY.isoformat()
    async with LookAlike(archive) as edgar:
        running = asyncio.create_task(called(home, edgar, "backfill", "--since", day, "--until", day))

        async def half() -> bool:
            found = await asyncio.to_thread(run, home, "tail", "form4.filings", "--from-beginning", "--json")
            return len(found.stdout.splitlines()) == 5

        await eventually(half)
        stopped = await called(home, edgar, "backfill", "--stop", "1")
        done = await running
        again = await called(home, edgar, "backfill", "--stop", "1")

    assert (0, 1, 2) == (stopped.returncode, done.returncode, again.returncode)
    assert "5 published" in done.stdout


async def test_a_service_that_compared_nothing_is_not_complete(home: Path) -> None:
    """Days without a record are late as well: a dead poller must not look like a complete one."""
    (home / "state").mkdir()
    database = await open_database(f"sqlite:///{home}/state/filingbell.db")
    await began(database, calendar.eastern_day(now()) - timedelta(days=10))
    await database.close()
    done, status = run(home, "completeness", "--json"), run(home, "status", "--json")

    assert 1 == done.returncode
    assert "should have been compared by now" in done.stderr
    assert json.loads(status.stdout)["days_unproven"] >= 6
    assert [] == json.loads(done.stdout)


async def test_a_command_goes_on_by_itself_when_the_service_that_did_its_work_is_killed(home: Path) -> None:
    """It must not wait for ever, and it says so."""
    archive, made = ScriptedArchive(), listings(4)
    archive.add(*made)
    archive.hidden |= {one.accession for one in made}
    archive.missing = {one.accession for one in made[2:]}
    archive.files[path_of(DAY)] = an_index(DAY, made)
    async with LookAlike(archive) as edgar:
        settings = {"sec_url": edgar.url, "sec_data_url": edgar.url, "sec_contact": "Tests tests@example.com"}
        service = Service(home / "state", home / "filingbell.yaml", sec_rate="1000", poll_seconds="0.1", **settings)
        await service.start()

        async def looking() -> bool:
            return bool(archive.feed_requests)

        await eventually(looking)
        day = DAY.isoformat()
        waiting = asyncio.create_task(called(home, edgar, "backfill", "--since", day, "--until", day))

        async def asked() -> bool:
            return len(archive.submission_requests) >= 4

        await eventually(asked)
        await service.kill()
        archive.missing.clear()
        done = await waiting

    assert 0 == done.returncode
    assert "this command goes on by itself" in " ".join(done.stderr.split())
    assert "4 published" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["reconcile", "--since", "2025-03-04"], b"forgotten"),
        (["backfill", "--since", "2025-03-04"], b"It is not forgotten"),
    ],
)
async def test_who_is_stopped_says_what_becomes_of_the_wish(
    home: Path, number: signal.Signals, arguments: list[str], told: bytes
) -> None:
    """A mistyped year must not keep the service busy for days; Ctrl-C and SIGTERM are the same."""
    archive = ScriptedArchive()
    faults = Faults({Fault.HUNG: 1.0})
    async with LookAlike(archive, faults) as edgar:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FILINGBELL_")}
        environment |= {"FILINGBELL_HOME": f"{home}/state", "FILINGBELL_SEC_CONTACT": "Tests tests@example.com"}
        environment |= {"FILINGBELL_SEC_URL": edgar.url, "FILINGBELL_SEC_DATA_URL": edgar.url}
        process = await asyncio.create_subprocess_exec(
            COMMAND,
            *arguments,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # who runs the tests may have it ignored
        )

        async def asked() -> bool:
            return bool(edgar.requests)

        await eventually(asked)
        process.send_signal(number)
        output, remarks = await process.communicate()
    database = await open_database(f"sqlite:///{home}/state/filingbell.db")
    left = await day_records.records(database)
    await database.close()

    assert (130, b"") == (process.returncode, output)
    assert told in remarks
    assert [] == left


async def test_why_a_comparison_takes_long_is_told_as_it_goes(home: Path) -> None:
    """EDGAR away looks like a hang, if nothing is said before the last day is through."""
    archive = ScriptedArchive()
    since = calendar.eastern_day(now()) - timedelta(days=7)
    async with LookAlike(archive, Faults({Fault.HUNG: 1.0})) as edgar:
        arguments = ("reconcile", "--since", since.isoformat(), "--json")
        done = await called(home, edgar, *arguments, SEC_TIMEOUT_SECONDS="0.5")

    assert 1 == done.returncode
    assert "the index cannot be read" in " ".join(done.stderr.split())


@pytest.mark.parametrize("columns", ["20", "60", "200"])
async def test_a_narrow_terminal_hides_no_number(home: Path, columns: str) -> None:
    """Of a number that is cut off something else would be left."""
    archive, made = ScriptedArchive(), listings(12)
    archive.add(*made)
    archive.files[path_of(DAY)] = an_index(DAY, made)
    async with LookAlike(archive) as edgar:
        await called(home, edgar, "reconcile", DAY.isoformat())
    shown = await asyncio.to_thread(run, home, "completeness", "--since", "2025-03-04", COLUMNS=columns)

    row = " ".join(shown.stdout.replace("│", " ").split())
    one, other = "12 0 12 0 0 complete", "In index 12 Seen 0 Recovered 12 Dead 0 Missing 0 State complete"
    assert f"Tue 2025-03-04 {one if columns == '200' else other}" in row


async def test_who_names_a_day_is_not_told_to_name_one(home: Path) -> None:
    """The hint to look further back is for who has not."""
    (home / "state").mkdir()
    await (await open_database(f"sqlite:///{home}/state/filingbell.db")).close()
    since, default = run(home, "completeness", "--since", "2025-03-04"), run(home, "completeness")

    assert "To look further back" in default.stdout
    assert "No day since 2025-03-04 has been compared yet" in since.stdout
    assert "To look further back" not in since.stdout


@pytest.mark.parametrize("where", ["/daily-index/", ".txt"])
async def test_a_block_is_told_to_whoever_waits(home: Path, where: str) -> None:
    """Ten silent minutes look like a hang; and what it refused, whatever it was, is not missing for that."""
    archive, made = ScriptedArchive(), listings(2)
    archive.add(*made)
    archive.files[path_of(DAY)] = an_index(DAY, made)
    faults = Faults()
    faults.inject(Fault.BLOCKED, where=where)
    async with LookAlike(archive, faults, block_seconds=2.0, grace=0.2) as edgar:
        done = await called(home, edgar, "reconcile", DAY.isoformat(), BLOCK_SECONDS="2")

    assert 0 == done.returncode, done.stdout
    assert "refuses this client until" in done.stderr
    assert 0 == edgar.violations


async def test_standard_output_holds_nothing_but_the_answer(home: Path) -> None:
    """A mistyped setting is told on standard error; a weekend is an empty list."""
    archive = ScriptedArchive()
    archive.files[path_of(DAY)] = an_index(DAY, [])
    async with LookAlike(archive) as edgar:
        day = await called(home, edgar, "reconcile", DAY.isoformat(), "--json", RECONCIL_AT="07:00")
        weekend = await called(home, edgar, "reconcile", "2025-03-08", "--json")

    assert ["read"] == [record["state"] for record in json.loads(day.stdout)]
    assert "RECONCILE_AT" in day.stderr
    assert [] == json.loads(weekend.stdout)
