"""Apprise: an extra, for the operator's file alone, whose word is all that there is."""

import asyncio
import logging
import sys
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.fernet import Fernet

from consumers.dispatcher import notifying
from consumers.dispatcher.channels import load
from consumers.dispatcher.door import doors
from consumers.dispatcher.exchange import exchange
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.outcome import Outcome
from consumers.dispatcher.post import Notification
from service.control.channel_kinds import kinds
from service.control.sections import Inventory, stored
from service.model.delivery import DeliveryState, Reason
from service.model.errors import ConfigError, Faulty
from service.model.message import MessageKind
from service.model.resource import ResourceKind
from service.scrub import Scrubber
from service.store import Database
from service.vault import Vault
from service.wire import encode
from tests.dispatcher.test_every_channel import an_alert_of_everything
from tests.kit.answering import answering
from tests.kit.documents import a_row, an_alert
from tests.kit.filings import now
from tests.web.browser import Browser
from tests.web.desk import served

BOT = "123456789:canaryCANARYcanaryCANARYcanary-0"


async def sent(url: str, *, trusted: bool = True) -> Outcome:
    """What comes of one try."""
    channel = load({"desk": {"type": "apprise", "url": url}})["desk"]
    async with doors() as opened:
        guard = Guard(opened, now, Scrubber(channel.secrets))
        value = encode(an_alert(a_row()))
        outcome, _ = await exchange(channel, guard, MessageKind.ALERT, value, now(), trusted=trusted)
    return outcome


class _Root(logging.Handler):
    """What comes to the root of all logs, from where the service's own are written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.names: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.names.append(record.name)


async def test_what_apprise_says_is_what_came_of_it() -> None:
    """A success without a status; a failure in its words, without the address; its own log goes nowhere."""
    got: list[dict[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        got.append(await request.json())
        return web.Response(status=503 if "full" in request.path else 200)

    root = _Root()
    logging.getLogger().addHandler(root)
    try:
        async with answering(answer) as url:
            place = url.partition("://")[2]
            taken = await sent(f"json://anna:canary-PASSWORD@{place}/in")
            failed = await sent(f"json://anna:canary-PASSWORD@{place}/full")
    finally:
        logging.getLogger().removeHandler(root)

    assert (DeliveryState.DELIVERED, Reason.RECEIVED, None) == (taken.state, taken.reason, taken.status)
    assert (DeliveryState.PENDING, Reason.REFUSED) == (failed.state, failed.reason)
    assert "503" in failed.detail
    assert "EXAMPLE CORP" in got[0]["title"]
    assert "apprise" not in root.names
    assert "canary" not in failed.detail


async def test_a_service_that_hangs_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its plugin waits for."""

    async def forever(_sender: object, **_message: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(notifying, "_TOTAL", 0.1)
    monkeypatch.setattr("apprise.Apprise.async_notify", forever)
    outcome = await sent("json://127.0.0.1:9/in")

    assert (DeliveryState.PENDING, Reason.TIMEOUT) == (outcome.state, outcome.reason)


async def test_it_goes_nowhere_but_for_the_operator() -> None:
    """Nobody checks where it connects to."""
    outcome = await sent("json://127.0.0.1:9/in", trusted=False)

    assert Reason.NOT_ALLOWED is outcome.reason


def test_only_the_file_that_is_applied_can_have_one() -> None:
    """Neither a command nor a page makes one, whatever the operator allows."""
    vault, content = Vault([Fernet.generate_key().decode()]), {"type": "apprise", "url": "json://hook.example/in"}
    stored(ResourceKind.CHANNEL, "desk", content, Inventory([]), vault, None)
    with pytest.raises(Faulty) as refused:
        stored(ResourceKind.CHANNEL, "desk", content, Inventory([]), vault)

    assert [("channels", "desk", "type")] == [fault.path for fault in refused.value.faults]
    assert "apprise" not in [one.name for one in kinds()]


async def test_no_page_makes_one(database: Database, tmp_path: Path) -> None:
    """Nor offers it."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        offered = await browser.get("/channels/new")
        refused = await browser.send("/channels/new", {"type": "apprise", "name": "x", "url": "json://hook.example/in"})

    assert "Apprise" not in offered.text
    assert 422 == refused.status
    assert "only in the file that is applied" in refused.text


@pytest.mark.parametrize(
    ("url", "title", "most"),
    [
        (f"tgram://{BOT}/12315544/", False, 4096),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", True, 2000),
        ("sns://AHIAJGNT76XIMXDBIJYA/bu1dHSdO22pfaaVy/wmNsdjJ4B/us-east-1/12223334444", False, 160),
    ],
)
def test_a_service_gets_no_more_than_it_takes(url: str, title: bool, most: int) -> None:
    """As Apprise knows it: a text message has room for the headline alone."""
    alert = an_alert_of_everything()
    channel = load({"desk": {"type": "apprise", "url": url}})["desk"]
    message = channel.request(alert, encode(alert), now())

    assert isinstance(message, Notification)
    assert title == bool(message.title)
    assert 0 < len(message.body.decode()) <= most


def test_the_host_of_an_address_is_a_secret_too() -> None:
    """With many services it is the token."""
    hide = Scrubber(load({"desk": {"type": "apprise", "url": f"tgram://{BOT}/12315544/"}})["desk"].secrets)

    assert "canary" not in hide(f"failed at https://api.telegram.org/bot{BOT}/sendMessage").lower()


def test_who_has_not_installed_it_is_told_how(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the setting that needs it."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError) as refused:
        load({"desk": {"type": "apprise", "url": "json://hook.example/in"}})

    (fault,) = refused.value.faults
    assert "Apprise is not installed: make apprise, or pip install 'filingbell[apprise]'" == fault.message
