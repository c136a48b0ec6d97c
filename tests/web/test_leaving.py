"""Unsubscribing: by the link in a mail, without an account, and by nobody who does not have it."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path

from sqlalchemy import update

from consumers.dispatcher.channelbook import addressed_by, channelbook
from consumers.dispatcher.leaving import Leaving
from consumers.dispatcher.post import Mail
from service.control import resources
from service.model.identity import DEFAULT, ChannelId
from service.model.resource import Actor, Resource, ResourceKind
from service.store import Database, schema
from service.store import resources as kept
from service.vault import Vault, new_key
from service.wire import encode
from tests.kit.documents import a_row, an_alert
from tests.kit.filings import now
from tests.web.browser import Browser
from tests.web.desk import Web, served

SITE = "https://filings.example"
SECTION = {"type": "email", "server": "smtp.example.com", "sender": "alerts@example.com", "to": "anna@bücher.example"}
RECIPIENT = "anna@xn--bcher-kva.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ACTOR = Actor(name="cli:anna", workspace=DEFAULT)
KIND = ResourceKind.CHANNEL


async def a_channel(desk: Web, **settings: str) -> Resource:
    """A mail channel."""
    vault, database = desk.context.vault, desk.context.database
    return await resources.add(database, vault, ACTOR, KIND, "anna", SECTION | settings, now())


def address_of(desk: Web, channel: Resource) -> str:
    """The address that the channel's mails have, without the site."""
    vault = desk.context.vault
    book = channelbook(vault, SITE)(channel.revision, [channel])
    alert = an_alert(a_row())
    mail = book.addressees[ChannelId(channel.id)].channel.request(alert, encode(alert), now())
    assert isinstance(mail, Mail)
    message = message_from_bytes(mail.body, policy=default)
    assert "List-Unsubscribe=One-Click" == message["List-Unsubscribe-Post"]
    address: str = message["List-Unsubscribe"].strip("<>")
    for part in ("plain", "html"):
        body = message.get_body((part,))
        assert body is not None
        assert address in body.get_content()
    return address.removeprefix(SITE)


async def is_on(desk: Web, channel: Resource) -> bool:
    """Whether anything is sent to it."""
    return (await resources.find(desk.context.database, DEFAULT, KIND, channel.id)).enabled


async def test_a_mail_program_stops_it_with_one_request(database: Database, tmp_path: Path) -> None:
    """As RFC 8058 has it: without cookies, and answered at once; twice makes no difference."""
    async with served(database, tmp_path) as desk:
        channel = await a_channel(desk)
        path = address_of(desk, channel)
        before = await is_on(desk, channel)
        answers = [
            await desk.session.post(f"{desk.url}{path}", data=ONE_CLICK, allow_redirects=False) for _ in range(2)
        ]
        after = await is_on(desk, channel)
        (change, *_) = await kept.history(database, DEFAULT, channel.id, 9)

    assert (True, False) == (before, after)
    assert [200, 200] == [one.status for one in answers]
    assert (f"recipient:{RECIPIENT}", "the recipient has unsubscribed") == (change.actor, change.reason)


async def test_whoever_follows_the_link_is_asked_first(database: Database, tmp_path: Path) -> None:
    """Programs that follow every link in a mail stop nothing."""
    async with served(database, tmp_path) as desk:
        channel = await a_channel(desk)
        browser, path = Browser(desk), address_of(desk, channel)
        asked = [await browser.get(path) for _ in range(2)]
        still = await is_on(desk, channel)
        done = await browser.send(path)
        again = await browser.get(path)

    assert ([200, 200], True) == ([one.status for one in asked], still)
    assert f"are sent to {RECIPIENT}" in asked[0].text
    assert "Stop these mails" in asked[0].text
    assert all("You are unsubscribed" in one.text for one in (done, again))


async def test_a_channel_that_a_file_owns_is_stopped_too(database: Database, tmp_path: Path) -> None:
    """Who does not want mail need not ask the operator."""
    async with served(database, tmp_path) as desk:
        channel = await a_channel(desk)
        owned = update(schema.resources).where(schema.resources.c.id == channel.id)
        async with database.transaction() as tx:
            await tx.execute(owned.values(file="filingbell.yaml"))
        await Browser(desk).send(address_of(desk, channel))
        after = await is_on(desk, channel)

    assert not after


async def test_no_other_address_stops_anything(database: Database, tmp_path: Path) -> None:
    """Neither one that somebody makes up, nor one for who was the recipient before, nor that of another key."""
    async with served(database, tmp_path) as desk:
        channel = await a_channel(desk)
        vault, path = desk.context.vault, address_of(desk, channel)
        other = await a_channel_of_slack(desk)
        signature = path.rpartition(".")[2]
        stranger = Leaving(Vault([new_key()]), SITE).address(channel.id, RECIPIENT) or ""
        wrong = [
            f"{path[:-1]}{'A' if path[-1] != 'A' else 'B'}",
            path.rpartition(".")[0],
            f"/unsubscribe/{channel.id}.",
            f"/unsubscribe/{other.id}.{signature}",
            f"/unsubscribe/nothing.{signature}",
            stranger.removeprefix(SITE),
        ]
        refused = [(await Browser(desk).send(one)).status for one in wrong]
        section = SECTION | {"to": "ben@example.com"}
        await resources.edit(database, vault, ACTOR, KIND, channel.id, now(), content=section)
        outdated = await Browser(desk).send(path)
        both = [await is_on(desk, channel), await is_on(desk, other)]

    assert [404] * len(wrong) == refused
    assert (404, [True, True]) == (outdated.status, both)


async def a_channel_of_slack(desk: Web) -> Resource:
    """One that tells nobody in particular."""
    section = {"type": "slack", "url": "https://hooks.slack.com/services/T/B/X"}
    vault, database = desk.context.vault, desk.context.database
    return await resources.add(database, vault, ACTOR, KIND, "desk", section, now())


async def test_without_a_public_address_no_link_is_in_the_mail(database: Database, tmp_path: Path) -> None:
    """Nobody but this machine could open it."""
    async with served(database, tmp_path) as desk:
        channel = await a_channel(desk)
        addressed = addressed_by(channel, dict(channel.section), Leaving(desk.context.vault, None))
        alert = an_alert(a_row())
        mail = addressed.channel.request(alert, encode(alert), now())

    assert b"nsubscribe" not in mail.body


def test_a_key_that_was_replaced_still_knows_its_addresses() -> None:
    """As long as it is among the keys; mails are kept for long."""
    old, new = new_key(), new_key()
    address = Leaving(Vault([old]), SITE).address("ch_1", RECIPIENT) or ""
    signature = address.rpartition(".")[2]

    assert Leaving(Vault([new, old]), None).knows(signature, "ch_1", RECIPIENT)
    assert not Leaving(Vault([new]), None).knows(signature, "ch_1", RECIPIENT)
