"""Filings made to harm their readers, through every stage: inert and readable wherever they come out."""

import asyncio
import re
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import update

from consumers.parser.document import parse
from service.cli import form
from service.cli.screen import Screen
from service.model.filing import Accession
from service.model.identity import DEFAULT
from service.store import alerts
from service.store.alerts import WantedAlerts
from service.store.database import open_database
from service.store.schema import events
from service.web.pages import PAGES
from service.web.pages.page import Page
from service.wire.topics import Topic
from tests.control.desk import CHANNEL, RULE, Floor
from tests.kit.answering import answering
from tests.kit.command import run
from tests.kit.filings import a_filing_event
from tests.kit.hostile import CONTROL, DIRECTION, HOSTILE, MARKUP, assert_inert, assert_seen
from tests.kit.slack import assert_taken, texts
from tests.web.browser import Browser
from tests.web.desk import served

FILINGS = {name: Accession(f"0009990900-25-{number:06d}") for number, name in enumerate(HOSTILE)}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder for a service's state."""
    (tmp_path / "state").mkdir()
    return tmp_path


async def test_a_hostile_filing_is_inert_and_readable_wherever_it_comes_out(home: Path) -> None:
    """On every page, in JSON, in Slack and in the terminal; and every one of them rang."""
    told: list[dict] = []

    async def receive(request: web.Request) -> web.Response:
        told.append(await request.json())
        return web.Response(text="ok")

    database = await open_database(f"sqlite:///{home}/state/filingbell.db")
    floor = Floor(database, home / "state")
    async with answering(receive) as url:
        desk = await floor.desk()
        await desk.add(CHANNEL, "desk", type="slack", url=url, pace_seconds=0)
        await desk.add(RULE, "bought", kinds="purchase", channels="desk")
        async with database.transaction() as tx:
            tx.emit(*(a_filing_event(number, xml) for number, xml in enumerate(HOSTILE.values())))
        async with floor.running("parser", "matcher", "dispatcher"):
            await floor.idle(len(HOSTILE))
    async with served(database, home / "state") as desk_online:
        browser = await Browser(desk_online).signed_in()
        for name, accession in FILINGS.items():
            (alert,) = await alerts.page(database, DEFAULT, WantedAlerts(accession=accession), 2)
            await _look(browser, name, {"accession": accession, "alert": alert.id})
        await asyncio.to_thread(_in_the_terminal, home)
        async with database.transaction() as tx:  # what the log forgets, the tape remembers
            await tx.execute(update(events).where(events.c.topic == Topic.PARSED).values(value=b""))
        for accession in FILINGS.values():
            left = await browser.get(f"/filings/{accession}")
            assert_inert(left.html)
            assert "no longer kept here" in left.text
    await database.close()

    assert len(HOSTILE) == len(told)
    for message in told:
        assert_taken(message)
        for text in (*texts(message, "plain_text"), *texts(message, "mrkdwn")):
            assert_seen(text)
        assert not [text for text in texts(message, "mrkdwn") if "<script" in text or "<img" in text]


async def _look(browser: Browser, name: str, known: dict[str, str]) -> None:
    """Look at every page that can be reached with what is *known* of the filing *name*."""
    looked = set()
    for page in PAGES:
        address = _address(page, known)
        if address is None:
            continue
        seen = await browser.get(address)
        assert seen.status < 500, address
        assert_inert(seen.html)
        assert len(seen.html) < 250_000, (address, name)
        looked.add(page.name)
        if page.name == "filing":
            assert 200 == seen.status
            every = await browser.get(f"{address}?rows=all") if "more rows" in seen.text else seen
            assert_inert(every.html)
            _is_readable(name, every.text)
    assert "filing" in looked


def _address(page: Page, known: dict[str, str]) -> str | None:
    """Where *page* shows what is *known*; None: it is about something else, or is no page to look at."""
    if page.method != "GET" or page.scope is None or not set(re.findall(r"{(\w+)}", page.path)) <= known.keys():
        return None
    query = f"?filing={known['accession']}" if page.path in ("/why", "/alerts", "/deliveries") else ""
    return f"{page.path.format_map(known)}{query}"


def _is_readable(name: str, text: str) -> None:
    """What was filed can be read, though it does nothing."""
    if name in ("markup", "notes"):
        assert "<script>alert(1)</script><img src=x onerror=alert(1)>\"'></td></table>{{ 7*7 }}&amp;&lt;b&gt;" in text
    if name == "notes":
        assert text.count("F99") >= 3
    if name == "direction":
        assert "ACMEgnp.exe TURNED" in text
    if name == "control":
        assert "ACME\ufffd31m FORGED FORGED\ufffd CONTROLLED" in text
    if name in ("endless", "wordy"):
        assert ("W" * 10_000 if name == "endless" else "word " * 1_999 + "word") in text
    if name == "rows":
        assert 2 == len(re.findall(r"\b500 (?:Common Stock|Stock Option)", text))


def _in_the_terminal(home: Path) -> None:
    for accession in (FILINGS["markup"], FILINGS["control"]):
        printed = run(home, "why", accession, COLUMNS="200").stdout
        assert_seen(printed)
        assert "bought" in printed
    for topic in ("form4.parsed", "form4.alerts"):
        printed = run(home, "tail", topic).stdout
        assert_seen(printed)
        assert len(HOSTILE) == printed.count("\n")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_text_in_the_terminal(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole form, as `parse` shows it where nobody says how wide it may be."""
    monkeypatch.delenv("COLUMNS", raising=False)
    form.show(parse(HOSTILE[name]), Screen())
    printed = capsys.readouterr().out

    assert_seen(printed)
    _is_readable(name, " ".join(printed.split()))


def test_the_filings_are_as_hostile_as_they_are_meant_to_be() -> None:
    """What does harm is in the document as it is kept: it is the faces that make it harmless."""
    assert MARKUP == parse(HOSTILE["markup"]).issuer.issuer_name
    assert "\u202e" in (parse(HOSTILE["direction"]).remarks or "")
    assert "\x9b" in (parse(HOSTILE["control"]).remarks or "")
    assert DIRECTION != CONTROL
    assert 99 == len(parse(HOSTILE["notes"]).footnotes)
    assert 500 == len(parse(HOSTILE["rows"]).non_derivative_table)
