"""Silences as a browser has them: made for an alert like one that rang, ended, and what was kept sent after all."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import func, select

from service.model.delivery import DeliveryState, Obligation
from service.model.identity import DEFAULT, ChannelId, SilenceId
from service.model.message import Message, MessageKind
from service.store import Database, deliveries, messages, silences
from service.store.schema import deliveries as owed
from service.wire import encode
from tests.kit.documents import an_alert
from tests.kit.filings import now
from tests.web.browser import Browser
from tests.web.desk import served

CHANNEL = {"type": "webhook", "name": "hook", "url": "http://127.0.0.1:9/x", "secrets": ""}


async def an_alert_of(database: Database, channel: str, silence: str | None = None) -> str:
    """An alert that is owed to *channel*, or that *silence* keeps from being told."""
    alert = an_alert()
    message = Message(
        id=alert.id, kind=MessageKind.ALERT, workspace=DEFAULT, value=encode(alert), accession=alert.filing.accession
    )
    async with database.transaction() as tx:
        await messages.keep(tx, [message], now())
        await deliveries.keep(tx, [(alert.id, Obligation(channel=ChannelId(channel), due=now()))], now())
        if silence:
            await silences.suppress(tx, [(alert.id, channel, SilenceId(silence))], now())
    return alert.id


async def test_an_alert_leads_to_a_silence_of_others_like_it(database: Database, tmp_path: Path) -> None:
    """What is filled in stands in the link; what is wrong is told at its field, and nothing is made."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        channel = (await browser.send("/channels/new", CHANNEL)).html
        (known,) = set(re.findall(r"chan_\w+", channel))
        alert = await an_alert_of(database, known)
        page = await browser.get(f"/alerts/{alert}")
        (link,) = [one for one in re.findall(r'href="(/silences\?[^"]+)"', page.html) if "tickers" in one]
        asked = parse_qs(urlsplit(link).query)
        wrong = await browser.send("/silences", {"tickers": "not_one", "kinds": "gift", "hours": "24"})
        made = await browser.send("/silences", {"tickers": asked["tickers"][0], "reason": "earnings", "hours": "24"})
        listed = await browser.get("/silences")

    assert [an_alert().issuer.symbols[0]] == asked["tickers"]
    assert (422, True, True) == (wrong.status, "no ticker" in wrong.text, "say why" in wrong.text)
    assert "/silences" == made.to
    assert f"company {asked['tickers'][0]} earnings anna" in listed.text


async def test_what_a_silence_kept_is_seen_and_sent(database: Database, tmp_path: Path) -> None:
    """Ended, it keeps what it kept; a person sends it."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        (channel,) = set(re.findall(r"chan_\w+", (await browser.send("/channels/new", CHANNEL)).html))
        await browser.send("/silences", {"kinds": "gift", "reason": "quiet", "hours": "1"})
        (one,) = set(re.findall(r"/silences/(sil_\w+)", (await browser.get("/silences")).html))
        await an_alert_of(database, channel, one)
        kept = await browser.get(f"/silences/{one}")
        found = await browser.get(f"/deliveries?silence={one}")
        ended = await browser.send(f"/silences/{one}/end")
        gone, all_of_them = await browser.get("/silences"), await browser.get("/silences?ended=yes")
        await browser.send(f"/silences/{one}/send")
        async with database.reading() as connection:
            again = await connection.scalar(select(func.count()).where(owed.c.state == DeliveryState.PENDING))

    assert ("1 delivery" in kept.text, "not sent" in found.text) == (True, True)
    assert f"/silences/{one}" == ended.to
    assert ("No silence is active" in gone.text, one in all_of_them.html) == (True, True)
    assert 1 == again


async def test_a_rule_is_muted_for_a_day(database: Database, tmp_path: Path) -> None:
    """With one press, and heard again with another."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        await browser.send("/channels/new", CHANNEL)
        made = await browser.send("/rules/new", {"do": "save", "name": "big", "side": "yaml", "yaml": "channels: hook"})
        page = await browser.get(made.to)
        muted = await browser.send(f"{made.to}/mute")
        after = await browser.get(made.to)
        (one,) = set(re.findall(r"/silences/(sil_\w+)/end", after.html))
        heard = await browser.send(f"/silences/{one}/end", {"rule": made.to.rpartition("/")[2]})
        again = await browser.get(made.to)

    assert ("Mute for a day" in page.text, made.to) == (True, muted.to)
    assert ("Muted until" in after.text, "Mute for a day" in after.text) == (True, False)
    assert (made.to, "Mute for a day" in again.text) == (heard.to, True)
