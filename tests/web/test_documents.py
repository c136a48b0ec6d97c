"""What a filing says, and its events, over HTTP."""

from pathlib import Path

from msgspec.structs import replace

from service.control import documents
from service.model.identity import DEFAULT, WorkspaceId
from service.model.message import Message, MessageKind
from service.model.parsed import ParsedFiling
from service.store import Database, messages
from service.web.endpoint import BASE
from service.wire import encode
from service.wire.topics import alert_event
from tests.control.desk import seen
from tests.kit.documents import ACCESSION, NOW, an_alert
from tests.web.desk import served
from tests.web.examples import a_filing_came

LINK = f"https://www.sec.gov/Archives/edgar/data/9900001/{ACCESSION.replace('-', '')}/{ACCESSION}-index.htm"


async def test_a_document_is_shown_as_it_stands_on_the_topic(either: Database, tmp_path: Path) -> None:
    """Byte for byte, however the filing is named."""
    await a_filing_came(either)
    kept = await documents.document(either, ACCESSION)
    async with served(either, tmp_path) as desk:
        token = await desk.token()
        names = ACCESSION, ACCESSION.replace("-", ""), LINK.replace("/", "%2F").replace(":", "%3A")
        found = [await desk.ask("GET", f"{BASE}/filings/{name}/document", token) for name in names]

    assert [200] * 3 == [one.status for one in found]
    assert isinstance(kept, ParsedFiling)
    assert [len(encode(kept))] * 3 == [int(one.headers["Content-Length"]) for one in found]
    assert "EXAMPLE CORP" == found[0].content["document"]["issuer"]["issuer_name"]


async def test_what_is_not_here_says_why(database: Database, tmp_path: Path) -> None:
    """Never seen is another matter than not an accession number."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        unseen = await desk.ask("GET", f"{BASE}/filings/{ACCESSION}/document", token)
        events = await desk.ask("GET", f"{BASE}/filings/{ACCESSION}/events", token)
        wrong = await desk.ask("GET", f"{BASE}/filings/AAPL/document", token)

    assert (404, 404, 422) == (unseen.status, events.status, wrong.status)
    assert "was never seen" in unseen.content["detail"]
    assert ["filing"] == wrong.content["faults"][0]["path"]


async def test_the_events_of_a_filing_are_those_of_the_own_workspace(either: Database, tmp_path: Path) -> None:
    """In the log's order, each with its topic, time and place; another's alerts are not among them."""
    await a_filing_came(either)
    async with served(either, tmp_path) as desk:
        other = await desk.workspace("other")
        for workspace in (DEFAULT, WorkspaceId(other)):
            await _rang(either, workspace)
        found = await desk.ask("GET", f"{BASE}/filings/{ACCESSION}/events", await desk.token())

    items = found.content["items"]
    assert ["form4.parsed", "form4.alerts"] == [one["topic"] for one in items]
    assert sorted(one["position"] for one in items) == [one["position"] for one in items]
    assert all(one["kept"] and one["at"] for one in items)


async def _rang(database: Database, workspace: WorkspaceId) -> None:
    alert = replace(an_alert(), id=f"alert-of-{workspace}", workspace=workspace)
    async with database.transaction() as tx:
        tx.emit(alert_event(alert, NOW))
        if workspace == DEFAULT:
            await seen(tx, [ACCESSION], "published")
        message = Message(
            id=alert.id, kind=MessageKind.ALERT, workspace=workspace, value=b"", accession=ACCESSION, rule="rule"
        )
        await messages.keep(tx, [message], NOW)
