"""The tape: filings as they are asked for, and as they come."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from msgspec.structs import replace

from consumers.language.rules import rules
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from consumers.matcher.subject import Subject
from consumers.matcher.tape import line_of
from service.clock import SystemClock
from service.control import resources, tape_past
from service.control import tape as control
from service.control.tape import Filter
from service.model.alert import Alert
from service.model.filing import Accession, Provenance, Times
from service.model.identity import DEFAULT
from service.model.message import Message, MessageKind
from service.model.parsed import ParsedFiling
from service.model.person import Role
from service.model.resource import ResourceKind
from service.model.tape import TapeLine
from service.store import Database, events, messages, schema, tape
from service.vitals import Unwatched
from service.wire import decode, encode
from service.wire.topics import Record, Topic, parsed_event
from tests.kit.documents import DISPOSED, a_document, a_filing, a_row
from tests.web.browser import Browser
from tests.web.desk import served
from tests.web.follower import following

NOON = datetime(2025, 3, 5, 17, tzinfo=UTC)


def a_line(number: int, *rows: Any, **fields: Any) -> TapeLine:
    document = a_document(*rows or [a_row()])
    filing = a_filing(accession=Accession(f"0009990900-25-{number:06d}"), times=Times(accepted=NOON))
    line = line_of(Subject.of(filing, document), NOON)
    return replace(line, accepted=NOON + timedelta(minutes=number), **fields)


async def taped(database: Database, lines: Sequence[TapeLine]) -> None:
    async with database.transaction() as tx:
        await tape.add(tx, lines)


async def test_a_filing_is_a_line(database: Database, tmp_path: Path) -> None:
    """When, who, where, what and how much; it leads to the filing, the company and the insider."""
    async with served(database, tmp_path) as desk:
        await taped(database, [a_line(1, a_row("S", "100", "25", **DISPOSED), company="Smith & <b>Sons</b>")])
        page = await (await Browser(desk).signed_in(Role.VIEWER)).get("/")

    assert 200 == page.status
    assert "2025-03-05 12:01 EST" in page.text
    assert "Smith & <b>Sons</b> EXMP DOE JANE director sale sold 100 shares of Common Stock at $25 for" in page.text
    assert "$2,500 sold" in page.text
    for to in ("/filings/0009990900-25-000001", "/?company=0009900001", "/?owner=0009800001"):
        assert f'href="{to}"' in page.html


async def test_the_address_holds_the_filter_and_the_part(database: Database, tmp_path: Path) -> None:
    """Fifty at a time, each once, by links: it works without a script."""
    async with served(database, tmp_path) as desk:
        sales = [a_line(number, a_row("S", **DISPOSED)) for number in range(60)]
        await taped(database, [*sales, a_line(99)])
        browser = await Browser(desk).signed_in()
        first = await browser.get("/?kind=sale&company=example")
        second = await browser.get(_older(first.html))

    assert (50, 10) == tuple(page.html.count('<tr id="filing-') for page in (first, second))
    assert 'value="example"' in first.html
    assert '<option value="sale" selected>' in second.html
    assert "Older" not in second.text
    assert "/live/tape?kind=sale&amp;company=example&amp;after=" in first.html
    assert "sse-connect" not in second.html  # what comes stands on the first part


def _older(html: str) -> str:
    return html.split('rel="next" href="')[1].split('"', maxsplit=1)[0].replace("&amp;", "&")


async def test_what_a_form_leaves_empty_goes_out_of_the_address(database: Database, tmp_path: Path) -> None:
    """Addresses are for people too; to a script, the answer says what to put into the bar."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        moved = await browser.get("/?company=&owner=doe&kind=")
        part = await browser.get("/?company=&owner=doe&kind=", HX_Request="true")

    assert (303, "/?owner=doe") == (moved.status, moved.to)
    assert (200, "/?owner=doe") == (part.status, part.headers["HX-Push-Url"])


async def test_what_cannot_be_read_is_told_at_its_field(database: Database, tmp_path: Path) -> None:
    """And everything that was typed stays."""
    async with served(database, tmp_path) as desk:
        page = await (await Browser(desk).signed_in()).get("/?worth=much&owner=doe")

    assert 'aria-describedby="worth-fault"' in page.html
    assert "'much' is not an amount: write $500k or $1.5m" in page.text
    assert 'value="doe"' in page.html


async def test_an_empty_tape_says_what_to_wait_for_and_an_empty_search_what_to_loosen(
    database: Database, tmp_path: Path
) -> None:
    """What is wrong with the service is said with it."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        nothing = await browser.get("/")
        await taped(database, [a_line(1)])
        found = {query: (await browser.get(f"/?{query}")).text for query in ("owner=nobody", "worth=1b", "kind=gift")}

    assert "No filing yet" in nothing.text
    assert "Not running (never seen): poller, parser, matcher, dispatcher" in nothing.text
    assert "write fewer, or a CIK" in found["owner=nobody"]
    assert "Ask for a smaller amount" in found["worth=1b"]
    assert "Ask for more days or another kind" in found["kind=gift"]


async def test_a_filter_becomes_a_rule(database: Database, tmp_path: Path) -> None:
    """In the rule's own words, on the page that makes it; whom it names is on a watchlist, which is made once."""
    async with served(database, tmp_path) as desk:
        await taped(database, [a_line(1)])
        browser = await Browser(desk).signed_in(Role.EDITOR)
        page = await browser.get("/?company=EXMP&kind=purchase&worth=$1.5m&since=2025-03-01")
        asked = {"company": "EXMP", "kind": "purchase", "worth": "$1.5m", "since": "2025-03-01"}
        moved = [await browser.send("/filters/save", asked) for _ in range(2)]
        editor = await browser.get(moved[0].to)
        lists = await resources.of_kind(database, DEFAULT, ResourceKind.WATCHLIST)

    assert "Save as rule" in page.text
    query = {name: value for name, (value,) in parse_qs(urlsplit(moved[0].to).query).items()}
    assert "EXMP purchase from $1.5m" == query["name"]
    assert "kinds: purchase\nwatchlist: EXMP\nvalue: '>= $1,500,000'\nper: filing\n" == query["document"]
    assert moved[0].to == moved[1].to
    assert [("EXMP", {"ciks": ["0009900001"]})] == [(one.name, one.section) for one in lists]
    assert 200 == editor.status
    assert "watchlist: EXMP" in editor.html


async def test_what_cannot_be_saved_says_why(database: Database, tmp_path: Path) -> None:
    """The filter stays as it was; who may not write is not asked to."""
    async with served(database, tmp_path) as desk:
        await taped(database, [a_line(1)])
        browser = await Browser(desk).signed_in(Role.EDITOR)
        both = await browser.send("/filters/save", {"company": "example", "owner": "doe"})
        nobody = await browser.send("/filters/save", {"owner": "nobody"})
        viewer = await (await Browser(desk).signed_in(Role.VIEWER, "ben")).get("/?kind=sale")

    assert 422 == both.status
    assert "leave one of the two empty to save it" in both.text
    assert 'value="doe"' in both.html
    assert "nobody on the tape has such a name" in nobody.text
    assert "Save as rule" not in viewer.text


async def test_filings_come_by_themselves_and_ring(database: Database, tmp_path: Path) -> None:
    """Those that are asked for: as they are parsed, and once more as a rule rings, with its name; no history."""
    async with served(database, tmp_path) as desk:
        cookie = "; ".join(f"{k}={v}" for k, v in (await Browser(desk).signed_in()).cookies.items())
        async with following(f"{desk.url}/live/tape?kind=purchase&after=1", cookie) as reader:
            await _comes(database, 1, a_row(), provenance=Provenance(history=True))
            await _comes(database, 2, a_row("S", **DISPOSED))
            await _comes(database, 3, a_row())
            await reader.until(lambda one: len(one.told) == 2)
        rows = [told.data for told in reader.told]

    assert ["filing-0009990900-25-000003"] * 2 == [row.split('id="')[1].split('"')[0] for row in rows]
    assert [False, True] == ["purchases" in row for row in rows]


async def test_what_is_not_on_the_page_yet_comes_by_itself(database: Database, tmp_path: Path) -> None:
    """A filing that was parsed and not matched as the page was read, and one whose alert nobody has taken yet."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        await _comes(database, 1, a_row("G"))
        async with database.transaction() as tx:
            tx.emit(parsed_event(_filing(2, a_row("G")), NOON))
        await _comes(database, 3, a_row())
        page = await browser.get("/")
        (address,) = re.findall(r'sse-connect="([^"]*)"', page.html)
        async with following(f"{desk.url}{unescape(address)}", cookie) as reader:
            await reader.until(lambda one: len(one.told) == 3)
        await _comes(database, 2, a_row("G"))
        await _dispatched(database)
        later = re.findall(r'after=(\d+)"', (await browser.get("/")).html)

    shown = set(re.findall(r'<tr id="filing-([^"]*)"', page.html))
    told = [re.findall(r'id="filing-([^"]*)"', one.data)[0] for one in reader.told]
    assert {"0009990900-25-000001", "0009990900-25-000003"} == shown
    assert ["0009990900-25-000002", "0009990900-25-000003", "0009990900-25-000003"] == told
    assert [str((await events.bounds(database))[1])] == later


async def test_another_workspaces_alert_rings_nowhere_else(database: Database, tmp_path: Path) -> None:
    """Its filing is everybody's, its rule is not."""
    async with served(database, tmp_path) as desk:
        cookie = "; ".join(f"{k}={v}" for k, v in (await Browser(desk).signed_in()).cookies.items())
        other = await desk.workspace("other")
        async with following(f"{desk.url}/live/tape?after=1", cookie) as reader:
            await _comes(database, 1, a_row(), workspace=other)
            await _comes(database, 2, a_row("G"))
            await reader.until(lambda one: len(one.told) == 2)

    assert not [told for told in reader.told if "purchases" in told.data]


async def test_the_tape_begins_with_what_the_log_still_has(either: Database) -> None:
    """Filings that an earlier version matched, with what rang, once; what is not matched yet comes by itself."""
    for number in range(1, 4):
        await _comes(either, number, a_row())
    waits = ParsedFiling(filing=a_filing(accession=Accession("0009990900-25-000009")), document=a_document(a_row()))
    async with either.transaction() as tx:
        tx.emit(parsed_event(waits, NOON))
        await messages.keep(tx, [a_message(Accession("0009990900-25-000002"))], NOON)
        for table in (schema.tape, schema.tape_keys, schema.rang, schema.parties, schema.party_words):
            await tx.execute(table.delete())
    for _ in range(2):
        async for _ in tape_past.bring(either, SystemClock()):
            pass
    found = await control.search(either, DEFAULT, Filter(), 10)
    rang = await control.search(either, DEFAULT, Filter(rang=True, company="example"), 10)

    assert [f"0009990900-25-00000{number}" for number in (3, 2, 1)] == [one.line.accession for one in found]
    assert ["0009990900-25-000002"] == [one.line.accession for one in rang]


def a_message(accession: Accession) -> Message:
    return Message(
        id="a1", kind=MessageKind.ALERT, workspace=DEFAULT, value=b"{}", accession=accession, rule="purchases"
    )


async def _comes(database: Database, number: int, row: Any, workspace: Any = None, **filing: Any) -> None:
    """Through the matcher, as it writes it."""
    made = rules({"purchases": {"kinds": "purchase", "channels": "desk"}}, {}, {"desk"})
    book = Rulebook.of([replace(one, workspace=workspace) if workspace else one for one in made])
    step = MatcherStep(lambda: book, lambda: NOON, Unwatched())
    parsed = _filing(number, row, **filing)
    record = Record(topic=Topic.PARSED, partition=0, offset=1, key="k", id="i", headers={}, value=encode(parsed))
    async with database.transaction() as tx:
        tx.emit(parsed_event(parsed, NOON))
    async with database.transaction() as tx:
        await step.write(tx, [step.read(record)])


def _filing(number: int, row: Any, **filing: Any) -> ParsedFiling:
    accession = Accession(f"0009990900-25-{number:06d}")
    return ParsedFiling(filing=a_filing(accession=accession, **filing), document=a_document(row))


async def _dispatched(database: Database) -> None:
    """Every alert is a message, as the dispatcher makes it one."""
    _, end = await events.bounds(database)
    for record in await events.read(database, Topic.ALERTS, 0, end):
        alert = decode(record.value, Alert)
        message = Message(
            id=alert.id,
            kind=MessageKind.ALERT,
            workspace=alert.workspace,
            value=record.value,
            accession=alert.filing.accession,
            rule=alert.rule,
        )
        async with database.transaction() as tx:
            await messages.keep(tx, [message], NOON)
