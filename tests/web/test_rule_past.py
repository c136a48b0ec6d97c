"""A rule held against the past: on its page, in the editor and by the API."""

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from service.control.tallied import Backtest, Noise
from service.model.identity import DEFAULT
from service.model.person import Role
from service.store import Database
from service.web.pages.histogram import BELOW, HEIGHT, WIDTH, histogram
from tests.control.filed import bought, filed, keep
from tests.kit.documents import a_row
from tests.kit.filings import now
from tests.web.browser import Browser
from tests.web.desk import served
from tests.web.test_rules_pages import a_rule


async def some_filed(database: Database, months: int = 3) -> None:
    """A large purchase, a small one and a sale in each of the last *months*."""
    for number in range(months):
        day = (now() - timedelta(days=30 * number + 2)).date()
        large, small, sale = bought(day, "500"), bought(day, "1"), a_row("S", "1000", "50", transaction_date=day)
        await keep(database, *(filed(10 * number + place, day, row) for place, row in enumerate((large, small, sale))))


def bars(html: str) -> list[str]:
    """What the bars say."""
    return re.findall(r'<rect class="bar"[^>]*><title>([^<]*)</title>', html)


async def test_its_page_tells_how_often_it_would_have_rung(either: Database, tmp_path: Path) -> None:
    """In a picture, in a table, and for whom; further back by a link."""
    await some_filed(either)
    async with served(either, tmp_path) as desk:
        rule = await a_rule(desk, "large buys", kinds="purchase", value=">= $100k")
        browser = await Browser(desk).signed_in(Role.VIEWER)
        page = await browser.get(f"/rules/{rule}")
        seen = await browser.get(f"/rules/{rule}/past")
        quarter = await browser.get(f"/rules/{rule}/past?time=quarter")
        nobody = await browser.get("/rules/nobody/past")

    assert f"/rules/{rule}/past" in page.html
    assert (200, 404) == (seen.status, nobody.status)
    assert "alerts 3" in seen.text
    assert 3 == sum(int(said.rpartition(": ")[2].split()[0]) for said in bars(seen.html))
    assert 'role="img" aria-label="Alerts a' in seen.html
    assert "Each week in numbers" in quarter.text
    assert "EXAMPLE CORP" in seen.text
    assert "/companies/9900001" in seen.html
    assert "/insiders/9800001" in seen.html
    assert 'aria-current="true">2 years' in seen.html


async def test_without_a_past_the_page_says_what_to_do(database: Database, tmp_path: Path) -> None:
    """And where it never rang, why that may be."""
    async with served(database, tmp_path) as desk:
        rule = await a_rule(desk, "gifts", kinds="gift")
        browser = await Browser(desk).signed_in()
        empty = await browser.get(f"/rules/{rule}/past")
        await some_filed(database)
        silent = await browser.get(f"/rules/{rule}/past")

    assert "filingbell history import" in empty.text
    assert "It would not have rung" in silent.text
    assert not bars(silent.html)


async def test_the_editor_holds_a_draft_against_two_years(database: Database, tmp_path: Path) -> None:
    """Nothing is saved by that; what cannot be read is told as by a preview."""
    await some_filed(database)
    async with served(database, tmp_path) as desk:
        await a_rule(desk, "other")
        browser = await Browser(desk).signed_in()
        await browser.get("/rules/new")
        yaml = "kinds: purchase\nchannels: [hook]\n"
        seen = await browser.send("/rules/new", {"name": "draft", "yaml": yaml, "do": "past"})
        wrong = await browser.send("/rules/new", {"name": "draft", "yaml": "kinds: purchse\n", "do": "past"})
        listed = await browser.get("/rules")

    assert "In the last two years" in seen.text
    assert bars(seen.html)
    assert 422 == wrong.status
    assert "draft" not in listed.text


async def test_by_api_it_tells_all_of_it(either: Database, tmp_path: Path) -> None:
    """Of a rule that is stored and of one that is not; days are those of New York."""
    await some_filed(either)
    month = (now() - timedelta(days=20)).date().isoformat()
    async with served(either, tmp_path) as desk:
        rule, token = await a_rule(desk, "large buys", kinds="purchase", value=">= $100k"), await desk.token()
        whole = await desk.ask("GET", f"/api/v1/rules/{rule}/backtest", token)
        lately = await desk.ask("GET", f"/api/v1/rules/{rule}/backtest?since={month}", token)
        draft = {"settings": {"kinds": "sale", "channels": "hook"}, "since": month}
        drafted = await desk.ask("POST", "/api/v1/drafts/backtest", token, draft)
        never = await desk.ask("GET", f"/api/v1/rules/{rule}/backtest?since=2025-02-01&until=2025-01-01", token)

    assert [(3, 9), (1, 3), (1, 3)] == [
        (one.content["rang"], one.content["filings"]) for one in (whole, lately, drafted)
    ]
    assert (3, None) == (len(whole.content["rings"]), whole.content["reached"])
    assert whole.content["latest"][0]["accession"] in whole.content["rings"]
    assert (422, ["since"]) == (never.status, never.content["faults"][0]["path"])


async def test_nobody_waits_long_for_one(database: Database, tmp_path: Path) -> None:
    """What there was no time for is told; another of the workspace waits until it has its turn."""
    await some_filed(database)
    async with served(database, tmp_path) as desk:
        rule, mine = await a_rule(desk, "all buys", kinds="purchase", value=">= $1"), desk.context.backtests
        late = await mine.of_rule(DEFAULT, rule, seconds=-1)
        both = await asyncio.gather(*(mine.of_rule(DEFAULT, rule) for _ in range(2)))

    assert (0, late.until) == (late.rang, late.reached)
    assert [6, 6] == [one.rang for one in both]


def a_backtest(by_day: dict[date, int]) -> Backtest:
    days = sorted(by_day)
    noise = Noise(a_week=0, days=0, days_with=len(days), busiest=days[0], on_busiest=1)
    return Backtest(
        since=datetime(days[0].year, days[0].month, days[0].day, 12, tzinfo=UTC),
        until=datetime(days[-1].year, days[-1].month, days[-1].day, 20, tzinfo=UTC),
        reached=None,
        oldest=datetime(2000, 1, 1, tzinfo=UTC),
        filings=1,
        held=1,
        kept=0,
        rang=sum(by_day.values()),
        failed=0,
        by_day=by_day,
        noise=noise,
        companies=(),
        companies_count=0,
        people=(),
        people_count=0,
        unknown=(),
        unknown_count=0,
        unknown_by_day={},
        latest=(),
        rings={},
    )


def test_bars_stand_on_a_scale_of_whole_numbers() -> None:
    """As high as they count; the highest within the picture."""
    drawn = histogram(a_backtest({date(2025, 3, 3): 7, date(2025, 3, 5): 14}))

    assert drawn is not None
    assert [7, 0, 14] == [bar.count for bar in drawn.bars]
    assert [0, 5, 10, 15] == [tick for _, tick in drawn.ticks]
    first, _, last = drawn.columns
    assert round(2 * first.height) == round(last.height) < HEIGHT
    assert {HEIGHT - BELOW} == {round(one.y + one.height, 1) for one in (first, last)}
    assert last.x + last.width <= WIDTH
    assert max(first.width, last.width) < WIDTH / 10  # of a few days, too
    assert None is histogram(a_backtest({date(2025, 3, 3): 0}))
