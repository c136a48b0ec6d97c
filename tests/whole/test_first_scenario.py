"""The first scenario: the option grant at Sonus Networks, from the feed to Slack and a webhook."""

import asyncio
import re
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from consumers import configuration as configfile
from service.lookalike.archive import listing_of
from service.lookalike.server import LookAlike
from service.model.calendar import EASTERN
from service.runtime.wiring import serve_embedded
from service.settings import Settings
from service.store import Database
from tests.kit.archives import ScriptedArchive
from tests.kit.eventually import eventually
from tests.kit.places import SAMPLES
from tests.kit.receiver import SECRET, Receiver

ACCESSION = "0009990001-13-000001"
FOOTNOTE = (
    "25% of the shares underlying this option vests on December 16, 2014. The remaining 75% of the shares underlying "
    "this option will then vest in equal monthly increments for the following 36 months through December 16, 2017."
)

CONFIG = """
channels:
  desk: {type: slack, url: "URL/slack"}
  hook: {type: webhook, url: "URL/webhook", secrets: "SECRET"}
rules:
  large-option-grant:
    kinds: option-grant
    exercise_value: ">= $500k"
    channels: [desk, hook]
  larger-still: {kinds: option-grant, exercise_value: ">= $600k", channels: [desk, hook]}
"""


async def test_the_sonus_grant_fires_once_in_slack_and_once_at_the_webhook(database: Database, tmp_path: Path) -> None:
    """Who, what, how many, strike, exercise value, expiry, vesting text, links, and why it fired."""
    archive = ScriptedArchive()
    name = f"{ACCESSION}.txt"
    archive.add(listing_of(name, (SAMPLES / name).read_bytes(), 1))
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(Receiver())
        edgar = await stack.enter_async_context(LookAlike(archive))
        settings = Settings(home=tmp_path, sec_url=edgar.url, sec_contact="Tests tests@example.com", sec_rate=1000)
        text = CONFIG.replace("URL", receiver.url).replace("SECRET", SECRET)
        configuration = configfile.parse(text, "test", {})
        since = datetime.now(UTC).astimezone(EASTERN).date()
        task = asyncio.create_task(serve_embedded(settings, configuration, database, since))

        async def both() -> bool:
            return bool(receiver.of("slack")) and bool(receiver.of("webhook"))

        await eventually(both)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    (slack,), (hook,) = receiver.of("slack"), receiver.of("webhook")
    assert 0 == receiver.wrongly_signed

    shown = str(slack.content)
    for fact in (
        "Scarfo Anthony",
        "EVP, Technology &amp; Business Dev.",
        "SONUS NETWORKS INC",
        "SONS",
        "Stock Option (right to buy)",
        "200,000",
        "$2.91",
        "$582,000",
        "2023-12-16",
        FOOTNOTE,
        f"{edgar.url}/Archives/edgar/data/9900001/000999000113000001/{ACCESSION}-index.htm",
        "exercise_value >= $500,000",
        "large-option-grant",
    ):
        assert fact in shown

    alert = hook.content
    assert ("large-option-grant", ACCESSION) == (alert["rule"], alert["filing"]["accession"])
    assert {"F1": FOOTNOTE} == alert["footnotes"]
    (row,) = alert["rows"]
    assert {
        "shares": 200000,
        "price": 0,
        "value": 0,
        "strike": 2.91,
        "underlying_shares": 200000,
        "exercise_value": 582000,
        "owned_after": 200000,
        "filing_lag": 2,
    } == row["measures"]
    (why,) = alert["explanation"]["rows"]
    kind, exercise_value = why["evidence"]
    assert ("kind is option-grant", "true") == (kind["predicate"], kind["verdict"])
    assert "$582,000 ($2.91 x 200,000 shares)" == exercise_value["stated"]
    assert ["box 2", "box 7"] == [source["number"] for source in exercise_value["sources"]]


def test_the_sample_says_what_is_made_up() -> None:
    """The rendering it was typed in from gives no CIKs and no accession number."""
    text = (SAMPLES / f"{ACCESSION}.txt").read_text()

    assert "the rendering gives no CIKs and no accession number" in text
    assert re.search(r"<transactionPricePerShare>\s*<value>0</value>", text)
