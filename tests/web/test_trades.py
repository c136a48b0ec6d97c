"""The filings that tell of one trade lead to each other, on their pages and by the API."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from service.model.filing import Accession, Times
from service.model.ownership import OwnershipForm
from service.model.parsed import ParsedFiling
from service.model.person import Role
from service.store import Database, history
from service.web.endpoint import BASE
from service.wire.topics import parsed_event
from tests.kit.documents import DISPOSED, a_document, a_filing, a_row, an_owner
from tests.web.browser import Browser
from tests.web.desk import served

AT = datetime(2025, 3, 5, 16, tzinfo=UTC)
FUND = an_owner("FUND <b>IV</b>, L.P.", "0009800010", is_ten_percent_owner=True)
PARTNER, OTHER = an_owner("PARTNER PAT", "0009800011"), an_owner("OTHER OLA", "0009800012")


def filed(number: int, owner: object, after: int) -> ParsedFiling:
    """A sale that leaves so many."""
    row = a_row(
        "S",
        **DISPOSED,
        shares_owned_following_transaction=Decimal(after),
        direct_or_indirect_ownership=OwnershipForm.INDIRECT,
    )
    accession, times = Accession(f"0009990900-25-{number:06d}"), Times(accepted=AT + timedelta(minutes=number))
    return ParsedFiling(
        filing=a_filing(accession=accession, times=times), document=a_document(row, reporting_owners=(owner,))
    )


async def test_filings_of_one_trade_lead_to_each_other(database: Database, tmp_path: Path) -> None:
    """With who reports it; a filing that is alone says nothing of others."""
    fund, partner, other = filed(1, FUND, 7000), filed(2, PARTNER, 7000), filed(3, OTHER, 7001)
    first, second, third = (one.filing.accession for one in (fund, partner, other))
    async with served(database, tmp_path) as desk:
        for one in (fund, partner, other):
            async with database.transaction() as tx:
                await history.add(tx, [one], AT)
                tx.emit(parsed_event(one, AT))
        browser = await Browser(desk).signed_in()
        pages = [await browser.get(f"/filings/{name}") for name in (first, second, third)]
        token = await desk.token(Role.VIEWER)
        asked = [await desk.ask("GET", f"{BASE}/filings/{name}/trade", token) for name in (first, second, third)]
    said = [one.content for one in asked]

    assert f"The same trade is reported in another filing: {second} PARTNER PAT" in pages[0].text
    assert f'<a href="/filings/{first}">{first}</a> FUND &lt;b&gt;IV' in pages[1].html
    assert "same trade" not in pages[2].text
    assert [f"trade_{first}", f"trade_{first}", f"trade_{third}"] == [one["trade_id"] for one in said]
    assert [[first, second], [first, second], [third]] == [[of["accession"] for of in one["filings"]] for one in said]
    assert [{"cik": "0009800011", "name": "PARTNER PAT"}] == said[0]["filings"][1]["owners"]
