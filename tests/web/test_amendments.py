"""An amendment beside what it amends, on both filings' pages and by the API."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import html

from service.model.filing import Accession, Times
from service.model.parsed import ParsedFiling
from service.model.person import Role
from service.store import Database, history
from service.web.endpoint import BASE
from service.wire.topics import parsed_event
from tests.kit.documents import a_document, a_filing, a_row
from tests.web.browser import Browser
from tests.web.desk import served

ORIGINAL, AMENDMENT = Accession("0009990900-25-000001"), Accession("0009990900-25-000002")
AT = datetime(2025, 3, 7, 16, tzinfo=UTC)


async def _filed(database: Database, accession: Accession, at: datetime, shares: int, **fields: Any) -> None:
    row = a_row(shares=str(shares), shares_owned_following_transaction=Decimal(4000 + shares))
    form = "4/A" if fields else "4"
    filing = a_filing(accession=accession, form=form, filed_on=None, times=Times(accepted=at))
    parsed = ParsedFiling(filing=filing, document=a_document(row, document_type=form, **fields))
    async with database.transaction() as tx:
        await history.add(tx, [parsed], at)
        tx.emit(parsed_event(parsed, at))


def texts(page: html.HtmlElement, tag: str) -> list[str]:
    """What stands in the elements called *tag*, in their order."""
    return [one.text_content() for one in page.iter(tag)]


async def test_both_pages_show_what_differs_and_lead_to_each_other(database: Database, tmp_path: Path) -> None:
    """Old and new value of each box, with its name on the form; what was written in the filing stays text."""
    async with served(database, tmp_path) as desk:
        await _filed(database, ORIGINAL, AT, 1000)
        hostile: dict[str, Any] = {
            "remarks": "<script>alert(1)</script>",
            "date_of_original_submission": date(2025, 3, 7),
        }
        await _filed(database, AMENDMENT, AT + timedelta(days=10), 10_000, **hostile)
        browser = await Browser(desk).signed_in()
        amendment, original = [await browser.get(f"/filings/{one}") for one in (AMENDMENT, ORIGINAL)]
        token = await desk.token(Role.VIEWER)
        said = (await desk.ask("GET", f"{BASE}/filings/{AMENDMENT}/amendments", token)).content
    pages = [html.document_fromstring(one.html) for one in (amendment, original)]
    shown = [[texts(page, one) for one in ("del", "ins")] for page in pages]

    assert f'<a href="/filings/{ORIGINAL}">The filing of 2025-03-07</a>' in amendment.html
    assert f'<a href="/filings/{AMENDMENT}">Form 4/A of 2025-03-17</a>' in original.html
    assert [[["1,000", "5,000"], ["10,000", "14,000"]]] * 2 == [[olds[:2], news[:2]] for olds, news in shown]
    assert "corrected the filing of 2025-03-07: bought 10,000 shares" in amendment.text
    assert "Table I row 1 4. Amount" in amendment.text
    assert "<script>alert(1)" not in amendment.html + original.html
    assert ("corrects", str(ORIGINAL), []) == (said["amends"]["effect"], said["amends"]["accession"], said["amended"])
