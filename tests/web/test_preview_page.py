"""What a channel would be sent for a filing, on a page."""

from pathlib import Path

from service.model.person import Role
from service.store import Database
from tests.kit.documents import ACCESSION
from tests.web.browser import Browser
from tests.web.desk import served
from tests.web.examples import a_filing_came, filled
from tests.web.test_leaving import RECIPIENT, SITE, a_channel


async def test_the_page_shows_what_the_channel_would_be_sent(database: Database, tmp_path: Path) -> None:
    """By its rules, as it is seen and as it is sent, without its secrets; wrong filings are told at the field.

    Until one is named, the latest are offered.
    """
    async with served(database, tmp_path) as desk:
        await a_filing_came(database)
        made = await filled(desk, await desk.token())
        here = f"/channels/{made['desk channel']}/preview"
        browser = await Browser(desk).signed_in(Role.VIEWER)
        empty = await browser.get(here)
        shown = await browser.get(f"{here}?filing={ACCESSION}")
        unknown = await browser.get(f"{here}?filing=0009990900-25-999999")
        wrong = await browser.get(f"{here}?filing=apple")
        absent = await browser.get(f"/channels/ch_none/preview?filing={ACCESSION}")

    assert "Nothing is sent." in empty.text
    assert f'href="{here}?filing={ACCESSION}"' in empty.html
    assert "As it is sent" in shown.text
    assert "Or one of the latest" not in shown.text
    assert ACCESSION in shown.text
    assert "127.0.0.1:9" not in shown.html
    assert "was never seen" in unknown.text
    assert "Write an accession number" in wrong.text
    assert 404 == absent.status


async def test_whoever_looks_cannot_stop_the_channel(database: Database, tmp_path: Path) -> None:
    """A mail has a link by which its recipient does; a preview of it has none."""
    async with served(database, tmp_path, http_trusted=SITE) as desk:
        await a_filing_came(database)
        mail = await a_channel(desk)
        page = await (await Browser(desk).signed_in(Role.VIEWER)).get(f"/channels/{mail.id}/preview?filing={ACCESSION}")

    assert f"To: {RECIPIENT}" in page.text
    assert "nsubscribe" not in page.html
