"""A company with what its insiders did, and an insider with what they did."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

from service.model.filing import Accession, Times
from service.model.parsed import ParsedFiling
from service.model.person import Role
from service.store import Database, history
from tests.kit.documents import DISPOSED, a_document, a_filing, a_row, an_owner
from tests.web.browser import Browser
from tests.web.desk import served
from tests.web.examples import COMPANY, INSIDER
from tests.web.test_tape import a_line, taped

NOW = datetime.now(UTC)


def filed(number: int, *rows: Any, owners: Sequence[Any] = (an_owner(),), **fields: Any) -> ParsedFiling:
    """A filing on a trade of its day, *number* days ago."""
    known = NOW - timedelta(days=number)
    filing = a_filing(
        accession=Accession(f"0009990900-25-{number:06d}"),
        form=fields.get("document_type", "4"),
        filed_on=known.date(),
        times=Times(accepted=known),
    )
    return ParsedFiling(filing=filing, document=a_document(*rows, reporting_owners=tuple(owners), **fields))


def traded(number: int, code: str = "P", shares: str = "1000", after: int = 5000, **fields: Any) -> Any:
    """A row of that day."""
    day = (NOW - timedelta(days=number)).date()
    owned = {"shares_owned_following_transaction": Decimal(after), "transaction_date": day}
    return a_row(code, shares, "10", **({} if code == "P" else DISPOSED) | owned | fields)


async def kept(database: Database, *parsed: ParsedFiling) -> None:
    async with database.transaction() as tx:
        await history.add(tx, parsed, NOW)


def plotted(html: str) -> Any:
    """What a page's first plot shows."""
    found = re.search(r'data-plot="([^"]*)"', html)
    assert found is not None
    return json.loads(unescape(found[1]))


async def test_a_companys_page_says_who_bought_and_sold(database: Database, tmp_path: Path) -> None:
    """Sums over three years, each trade, the insiders, every filing; and what it draws is what its table says."""
    other = an_owner("ROE RICHARD", "0009800002", is_director=True)
    async with served(database, tmp_path) as desk:
        await kept(
            database,
            filed(30, traded(30)),
            filed(20, traded(20, "S", "300")),
            filed(10, traded(10, shares="500"), owners=[other]),
        )
        browser = await Browser(desk).signed_in(Role.VIEWER)
        short = await browser.get(f"/companies/{int(COMPANY)}")
        page = await browser.get(f"/companies/{COMPANY}")

    assert (303, f"/companies/{COMPANY}") == (short.status, short.headers["Location"])
    assert "EXAMPLE CORP EXMP · CIK 0009900001" in page.text
    assert "bought in 2 trades $15,000" in page.text
    assert "sold in 1 trade $3,000" in page.text
    for to in (f"/insiders/{INSIDER}", "/insiders/0009800002", "/filings/0009990900-25-000010", f"/?company={COMPANY}"):
        assert f'href="{to}"' in page.html
    assert 3 == page.html.count('<tr id="filing-')
    plot = plotted(page.html)
    assert [[10, None, 10], [None, 10, None]] == [series["y"] for series in plot["series"]]
    assert ["up", "down"] == [series["mark"] for series in plot["series"]]
    assert "ROE RICHARD bought 500 at $10.00, $5,000" in plot["points"][2]["told"]


async def test_a_companys_page_says_when_several_bought_together(database: Database, tmp_path: Path) -> None:
    """Three within ten days, told once with a fourth who joins; two are none, nor is a joint filer a third."""
    people = [an_owner(f"BUYER {name}", f"000980003{number}", is_director=True) for number, name in enumerate("ABCD")]
    async with served(database, tmp_path) as desk:
        await kept(
            database,
            *(filed(40 - at, traded(40 - at, after=at + 7), owners=[one]) for at, one in enumerate(people)),
            *(filed(90 - at, traded(90 - at, after=at + 70), owners=[one]) for at, one in enumerate(people[:2])),
        )
        page = await (await Browser(desk).signed_in()).get(f"/companies/{COMPANY}")

    (section,) = re.findall(r'<section aria-labelledby="together">.*?</section>', page.html, re.DOTALL)
    assert 1 == section.count('<th scope="row"')
    assert all(f"BUYER {name}" in section for name in "ABCD")
    assert 4 == section.count('href="/filings/')


async def test_an_insiders_page_says_what_they_hold(database: Database, tmp_path: Path) -> None:
    """After each filing, at each company, with what was bought and sold on the line."""
    async with served(database, tmp_path) as desk:
        await kept(
            database,
            filed(30, traded(30, after=1000)),
            filed(20, traded(20, "S", "300", after=700)),
        )
        page = await (await Browser(desk).signed_in(Role.VIEWER)).get(f"/insiders/{INSIDER}")

    assert "DOE JANE" in page.text
    assert f'href="/companies/{COMPANY}"' in page.html
    assert "Common Stock directly 700" in page.text
    plot = plotted(page.html)
    assert [("line", [1000, 700]), ("up", [1000, None]), ("down", [None, 700])] == [
        (series["mark"], series["y"]) for series in plot["series"]
    ]


async def test_an_amendment_says_what_it_changes(database: Database, tmp_path: Path) -> None:
    """It stands in the sums, and beside what it corrects."""
    async with served(database, tmp_path) as desk:
        first = filed(30, traded(30, shares="10000"))
        day = (NOW - timedelta(days=30)).date()
        right = filed(10, traded(30), document_type="4/A", date_of_original_submission=day)
        await kept(database, first, right)
        page = await (await Browser(desk).signed_in()).get(f"/companies/{COMPANY}")

    assert "bought in 1 trade $10,000" in page.text
    assert "corrects" in page.text
    assert f'href="/filings/{first.filing.accession}"' in page.html


async def test_long_ago_comes_page_by_page(database: Database, tmp_path: Path) -> None:
    """Twenty-five filings at a time, each once; the sums stand on the first."""
    async with served(database, tmp_path) as desk:
        await kept(database, *(filed(number, traded(number, shares=str(number))) for number in range(1, 41)))
        browser = await Browser(desk).signed_in()
        first = await browser.get(f"/companies/{COMPANY}")
        older = re.search(r'rel="next" href="([^"]+)"', first.html)
        assert older is not None
        second = await browser.get(unescape(older[1]))

    shown = [set(re.findall(r'<tr id="filing-([0-9-]+)"', page.html)) for page in (first, second)]
    assert [25, 15] == list(map(len, shown))
    assert shown[0].isdisjoint(shown[1])
    assert "Bought and sold" not in second.text


async def test_names_of_filers_are_text(database: Database, tmp_path: Path) -> None:
    """In the table, and in what the plot is told."""
    evil = an_owner('"><script>alert(1)</script>', INSIDER)
    async with served(database, tmp_path) as desk:
        await kept(database, filed(3, traded(3), owners=[evil]), filed(2, traded(2, after=9), owners=[evil]))
        browser = await Browser(desk).signed_in()
        pages = [await browser.get(path) for path in (f"/companies/{COMPANY}", f"/insiders/{INSIDER}")]

    for page in pages:
        assert "<script>alert" not in page.html
        assert "<script>alert(1)" in plotted(page.html)["points"][0]["told"]


async def test_who_is_not_known_is_not_found(database: Database, tmp_path: Path) -> None:
    """With what to do next."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        pages = [
            await browser.get(path) for path in ("/companies/0000000001", "/insiders/0000000001", "/companies/APPLE")
        ]

    assert [404, 404, 404] == [page.status for page in pages]
    assert "filingbell history import" in pages[1].text
    assert "CIK" in pages[2].text


async def test_the_tape_leads_to_the_one_that_is_asked_for(database: Database, tmp_path: Path) -> None:
    """A link to the company, and to the insider."""
    async with served(database, tmp_path) as desk:
        await taped(database, [a_line(1)])
        browser = await Browser(desk).signed_in()
        page = await browser.get(f"/?company=example&owner={INSIDER}")
        every = await browser.get("/")

    for to in (f"/companies/{COMPANY}", f"/insiders/{INSIDER}"):
        assert f'href="{to}"' in page.html
        assert f'href="{to}"' not in every.html
