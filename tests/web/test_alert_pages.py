"""Alerts on pages, each explained; and what is told to somebody who did not get one."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any

from service.control.why import End
from service.store import Database
from service.web.endpoint import BASE
from service.web.pages.why import _ENDS
from service.wire.topics import parsed_event
from tests.control.desk import CHANNEL, RULE, Floor
from tests.kit.documents import a_row
from tests.kit.receiver import SECRET
from tests.kit.slack import HOSTILE
from tests.kit.slackbot import CHANNEL as SLACK_CHANNEL
from tests.kit.slackbot import TOKEN, SlackApi
from tests.kit.trades import FUND
from tests.web.browser import Browser
from tests.web.desk import Web, served
from tests.web.follower import following
from tests.web.test_streams import alerts_come
from tests.web.test_trades import AT, OTHER, PARTNER, filed


@asynccontextmanager
async def _rung(database: Database, folder: Path, **row: object) -> AsyncIterator[tuple[Web, str, str]]:
    """The pages of a workspace whose rule "buys" rang on a filing; its accession number, and the alert's id."""
    floor = Floor(database, folder)
    desk = await floor.desk()
    await desk.add(CHANNEL, "hook", type="webhook", url="http://127.0.0.1:9/CANARY", secrets=SECRET)
    await desk.add(CHANNEL, "other", type="webhook", url="http://127.0.0.1:9/CANARY", secrets=SECRET)
    await desk.add(RULE, "buys", kinds="purchase", value=">= $1k", channels=["hook"])
    await desk.add(RULE, "sells", kinds="sale", channels=["hook"])
    async with floor.running():
        (accession,) = await floor.publish(1, rows=(a_row(**row),))
        await floor.idle(1)
    async with served(database, folder) as web:
        token = await web.token()
        (one,) = (await web.ask("GET", "/api/v1/alerts", token)).content["items"]
        yield web, accession, one["id"]


async def test_an_alert_says_why_it_rang_and_where_it_went(database: Database, tmp_path: Path) -> None:
    """Each claim with its box, what the filing says and the verdict; each channel with its attempts and message.

    Deliveries name the company.
    """
    async with _rung(database, tmp_path) as (desk, accession, alert):
        browser = await Browser(desk).signed_in()
        listed, page = await browser.get("/alerts"), await browser.get(f"/alerts/{alert}")
        deliveries = await browser.get("/deliveries")

    assert f'href="/alerts/{alert}"' in listed.html
    assert re.search(r"hook\s+given up", listed.text)
    assert re.search(rf"Example Corp\w* buys {accession}", deliveries.text, re.IGNORECASE)
    assert "value >= $1,000 $10,000 ($10 x 1,000 shares) box 4 passed" in page.text
    assert f'href="/filings/{accession}"' in page.html
    assert "Attempts (" in page.text
    assert "filingbell.alert.v1" in page.text
    assert "as of revision 3" in page.text
    assert "CANARY" not in page.html
    assert f'action="/deliveries/{alert}/' in page.html


async def test_what_a_filing_says_is_text_on_every_page(database: Database, tmp_path: Path) -> None:
    """Whatever was filed: nothing of it is markup, and each stands in one line."""
    async with _rung(database, tmp_path, security_title=HOSTILE) as (desk, accession, alert):
        browser = await Browser(desk).signed_in()
        pages = [
            await browser.get(path)
            for path in ("/alerts", f"/alerts/{alert}", f"/why?filing={accession}", "/deliveries", "/channels")
        ]

    assert [200] * 5 == [page.status for page in pages]
    for page in pages:
        assert "<script>" not in page.html.replace("<script src=", "")
        assert not set(page.html) & set("\u202e\u0007\x1b")


async def test_the_list_is_narrowed_by_what_its_address_says(database: Database, tmp_path: Path) -> None:
    """By name or id, in any spelling; what cannot be read is told, and stands as it was typed."""
    async with _rung(database, tmp_path) as (desk, accession, _):
        browser = await Browser(desk).signed_in()
        found = {
            query: (await browser.get(f"/alerts?{query}")).html
            for query in (
                "rule=buys",
                "rule=sells",
                f"filing={accession.replace('-', '')}",
                "state=dead",
                "state=delivered",
                "until=2020-01-01",
                "since=2020-01-01",
                "rule=nobody%27s",
                "filing=soon",
                "company=EXAMPLE",
                "company=9900001",
                "company=Nobody",
            )
        }

    assert [1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0] == [html.count('<th scope="row">') for html in found.values()]
    assert "No rule has, or had, this name." in found["rule=nobody%27s"]
    assert 'value="nobody&#39;s"' in found["rule=nobody%27s"]
    assert "Write an accession number" in found["filing=soon"]


async def test_alerts_come_by_themselves(database: Database, tmp_path: Path) -> None:
    """As rows of the page, each to its workspace alone; a list that is narrowed stays as it is."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        page, narrowed = await browser.get("/alerts"), await browser.get("/alerts?state=dead")
        (address,) = re.findall(r'sse-connect="(/live/alerts[^"]*)"', page.html)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        async with following(f"{desk.url}{unescape(address)}", cookie) as reader:
            await alerts_come(database, "theirs", workspace=await desk.workspace("other"))
            await alerts_come(database, "<b>ours</b>")
            await reader.until(lambda one: bool(one.told))

    (row,) = [one.data for one in reader.told]
    assert "&lt;b&gt;ours&lt;/b&gt;" in row
    assert "on its way" in row
    assert "sse-connect" not in narrowed.html


async def test_whoever_got_none_is_told_why_and_what_to_do(database: Database, tmp_path: Path) -> None:
    """For each rule and channel, in words; a filing or rule that nobody knows is told as such, and stays typed."""
    async with _rung(database, tmp_path) as (desk, accession, alert):
        browser = await Browser(desk).signed_in()
        every = await browser.get(f"/why?filing={accession}")
        other = await browser.get(f"/why?filing=https://www.sec.gov/x/{accession}-index.htm&rule=buys&channel=other")
        unknown = await browser.get(f"/why?filing={accession}&rule=nothing")
        wrong, empty = await browser.get("/why?filing=soon"), await browser.get("/why")

    assert "given up buys to hook" in every.text
    assert "kind is sale purchase (code P) box 3 failed" in every.text
    assert f'href="/alerts/{alert}"' in every.html
    assert "met, not sent there buys to other" in other.text
    assert "Add the channel to the rule." in other.text
    assert "there is no rule &#39;nothing&#39;" in unknown.html
    assert ('value="nothing"' in unknown.html, 'value="soon"' in wrong.html) == (True, True)
    assert "Write an accession number" in wrong.text
    assert "Which filing?" in empty.text


def test_every_end_has_words() -> None:
    """One that is new must be told, too."""
    assert set(End) == set(_ENDS)


@asynccontextmanager
async def _traded(database: Database, folder: Path, api: SlackApi) -> AsyncIterator[tuple[Web, list[dict[str, Any]]]]:
    """The pages of a workspace whose rule rang for a fund's and its partner's filing on one sale; both alerts."""
    floor = Floor(database, folder)
    desk = await floor.desk()
    await desk.add(CHANNEL, "bot", type="slack_bot", url=api.url, token=TOKEN, channel=SLACK_CHANNEL)
    await desk.add(RULE, "sells", kinds="sale", channels=["bot"])
    async with database.transaction() as tx:
        tx.emit(*(parsed_event(one, AT) for one in (filed(1, FUND, 7000), filed(2, PARTNER, 7000), filed(3, OTHER, 1))))
    async with floor.running("matcher"):
        await floor.matched(3)
    async with floor.running("dispatcher"):
        await floor.idle(3)
    async with served(database, folder) as web:
        listed = (await web.ask("GET", f"{BASE}/alerts", await web.token())).content["items"]
        yield web, sorted(listed, key=lambda one: str(one["accession"]))


async def test_alerts_of_one_trade_stand_under_one_line(database: Database, tmp_path: Path) -> None:
    """With a count, which opens without a script; each alert's page leads to the other, and to the message of both."""
    async with SlackApi() as api, _traded(database, tmp_path, api) as (desk, (fund, partner, _)):
        browser = await Browser(desk).signed_in()
        listed = await browser.get("/alerts")
        first, second = [await browser.get(f"/alerts/{one['id']}") for one in (fund, partner)]
        token = await desk.token()
        owed = (await desk.ask("GET", f"{BASE}/alerts/{partner['id']}", token)).content["deliveries"]
        why = await browser.get(f"/why?filing={partner['accession']}")
        delivery = await browser.get(f"/deliveries/{partner['id']}/{owed[0]['channel']}")

    assert 2 == listed.html.count('<tr id="alert-')
    assert f'<tr id="alert-{fund["id"]}"' in listed.html
    assert "1 more filing on this trade" in listed.text
    assert f'<li><a href="/alerts/{partner["id"]}">' in listed.html
    assert f"Told together in one message with the alert on {partner['accession']}" in first.text
    assert f"Told together in one message with the alert on {fund['accession']}" in second.text
    assert "the first alert on this trade" in second.text
    assert "Also filed by PARTNER PAT (director): form 4 0009990900-25-000002" in first.text
    assert "Also filed by PARTNER PAT (director): form 4 0009990900-25-000002" in second.text
    assert [fund["id"]] == [one["told_with"] for one in owed]
    assert f'<a href="/alerts/{fund["id"]}">the alert that it was told with</a>' in why.html
    assert f'<a href="/alerts/{fund["id"]}">another alert, in one message</a>' in delivery.html
    assert (2, fund["id"]) == (len(api.messages), partner["alert"]["follows"])
