"""The page for anyone who wants to know whether the service works."""

from datetime import timedelta
from pathlib import Path

import pytest

from service.model import calendar
from service.model.errors import Unavailable
from service.model.person import Role
from service.store import Database, days, marks
from service.web.looks import Looks
from tests.kit.documents import ACCESSION
from tests.kit.filings import now
from tests.kit.statements import statements
from tests.web.browser import Browser
from tests.web.desk import served
from tests.web.examples import a_letter_came
from tests.web.test_service import a_day, a_way, accessions
from tests.web.test_trust import running


async def test_it_is_not_there_unless_it_is_switched_on(database: Database, tmp_path: Path) -> None:
    """Neither for strangers nor for people of the service."""
    async with served(database, tmp_path) as desk:
        stranger = await Browser(desk).get("/status")
        admin = await (await Browser(desk).signed_in()).get("/status")

    assert (404, 404) == (stranger.status, admin.status)


async def test_anyone_is_told_whether_it_works(database: Database, tmp_path: Path) -> None:
    """Completeness by day, and latency; a proxy may keep it for seconds, but not what people see who are signed in."""
    day = calendar.weekdays(now().date() - timedelta(days=9), now().date() - timedelta(days=2))[-1]
    await running(database)
    await a_day(database, day, accessions(3), 3)
    await a_way(database, [1.0, 2.0, 3.0])
    async with served(database, tmp_path, status="public") as desk:
        seen = await Browser(desk).get("/status")
        viewer = await (await Browser(desk).signed_in(Role.VIEWER)).get("/status")

    assert 200 == seen.status
    assert "Everything works" in seen.text
    assert "Nothing is missing" in seen.text
    assert f"{day}: complete, 3 filings" in seen.html
    assert "seen → document here" in seen.text
    assert "public, max-age=15" == seen.headers["Cache-Control"]
    assert "no-store" == viewer.headers["Cache-Control"]


async def test_nothing_tells_of_workspaces_machines_or_filings(database: Database, tmp_path: Path) -> None:
    """What is wrong is told in words of its kind alone."""
    day = calendar.weekdays(now().date() - timedelta(days=9), now().date() - timedelta(days=2))[-1]
    await running(database)
    await a_letter_came(database)
    async with database.transaction() as tx:
        await marks.put(tx, marks.blocked("www"), now() + timedelta(minutes=9))
        await days.ask(tx, [day], now())
        await days.postpone(tx, day, now(), "CANARY proxy", None)
    async with served(database, tmp_path, status="public", sec_contact="CANARY canary@example.com") as desk:
        trusted = await (await Browser(desk).signed_in()).get("/trust")
        seen = await Browser(desk).get("/status")

    assert "CANARY" in trusted.html
    assert "The SEC refuses requests for now" in seen.text
    assert "Filings could not be used" in seen.text
    assert "1 day is not proven" in seen.text
    for secret in ("CANARY", ACCESSION, "script> of", "default", "FILINGBELL", "filingbell dlq"):
        assert secret not in seen.html


async def test_many_looks_are_one_question_to_the_database(database: Database, tmp_path: Path) -> None:
    """For seconds; and who asks too often is told when to try again."""
    async with served(database, tmp_path, status="public") as desk:
        browser = Browser(desk)
        await browser.get("/status")
        with statements() as seen:
            answers = [await browser.get("/status") for _ in range(70)]

    assert [] == seen
    assert 200 == answers[0].status
    assert 429 == answers[-1].status
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_who_looks_too_often_can_still_sign_in(database: Database, tmp_path: Path) -> None:
    """A monitor behind the same address as people costs them nothing."""
    async with served(database, tmp_path, status="public") as desk:
        browser = Browser(desk)
        looks = [await browser.get("/status") for _ in range(70)]
        signed = await browser.signed_in()
        tape = await signed.get("/")

    assert 429 == looks[-1].status
    assert 200 == tape.status


async def test_an_outage_is_told_without_its_cause(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cause names the database."""

    async def away(*_: object) -> None:
        raise Unavailable("CANARY of postgres.internal is away")

    monkeypatch.setattr(Looks, "account", away)
    async with served(database, tmp_path, status="public") as desk:
        seen = await Browser(desk).get("/status")

    assert 503 == seen.status
    assert "cannot look at itself" in seen.text
    assert "CANARY" not in seen.html
