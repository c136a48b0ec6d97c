"""Alerts of one trade are told together: at once, in one message where they wait, and in few words where it is told."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update

from consumers.dispatcher.blocks import message
from consumers.dispatcher.channels.email.message import mail
from consumers.dispatcher.parts import told
from consumers.dispatcher.retold import in_words
from consumers.dispatcher.template import Template
from service.model.alert import Alert
from service.model.delivery import DeliveryState, Suppression
from service.model.filing import Accession
from service.model.identity import RuleId
from service.model.trade import trade_id
from service.store import Database
from service.store.schema import deliveries
from tests.dispatcher import one_trade
from tests.kit import books
from tests.kit.answering import answering
from tests.kit.documents import DISPOSED, a_row
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import Messages, Receiver
from tests.kit.sending import sending, settled
from tests.kit.slackbot import CHANNEL, TOKEN, SlackApi
from tests.kit.trades import ADVISER, CHAIN, FUND, PARTNER, SOLD, a_trade, owed

FIRST, SECOND, THIRD = a_trade()
AGAIN = "same trade as 0009990900-25-000001, also filed by"


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


@asynccontextmanager
async def a_bot(database: Database, **settings: Any) -> AsyncIterator[SlackApi]:
    """The sender, with a channel that a bot writes to."""
    async with SlackApi() as api:
        said = {"token": TOKEN, "channel": CHANNEL, **settings}
        async with sending(database, kind="slack_bot", settings=said, desk=api.url):
            yield api


async def come(database: Database, *alerts: Alert, after: int = 0) -> None:
    """Owe *alerts* at once, after as many others as were delivered, and wait until they are delivered too."""
    await books.owe(database, *map(owed, alerts), at=now())
    await eventually(settled(database, DeliveryState.DELIVERED, after + len(alerts)))


async def told_with(database: Database) -> dict[str, str | None]:
    async with database.reading() as connection:
        rows = await connection.execute(select(deliveries.c.message, deliveries.c.told_with))
        return {row.message: row.told_with for row in rows}


def shown(message: Any) -> str:
    return json.dumps(message["blocks"], ensure_ascii=False)


# ---- one after the other


async def test_who_files_it_later_answers_the_first_message_in_few_words(database: Database) -> None:
    """The first is told at once. An answer to an answer stands in the same thread: Slack knows no other."""
    async with a_bot(database) as api:
        for number, alert in enumerate((FIRST, SECOND, THIRD)):
            await come(database, alert, after=number)

    first, *others = api.messages
    assert FIRST.headline == first["text"]
    assert [first["ts"]] * 2 == [one["thread_ts"] for one in others]
    assert [
        f"EXAMPLE CORP [EXMP]: {AGAIN} PARTNER PAT (director)",
        f"EXAMPLE CORP [EXMP]: {AGAIN} SPONSOR MANAGEMENT LLC (10% owner)",
    ] == [one["text"] for one in others]
    assert "Price: " in shown(first)
    assert not any("Price: " in shown(one) or "•" in shown(one) for one in others)
    assert {None} == set((await told_with(database)).values())


@pytest.mark.parametrize("became", [DeliveryState.SUPPRESSED, DeliveryState.DEAD])
async def test_where_the_first_was_not_told_the_next_is_told_in_full(database: Database, became: DeliveryState) -> None:
    """Silenced or given up: nobody knows of the trade there. What comes then answers the one that was told."""
    await books.owe(database, owed(FIRST), at=now())
    async with database.transaction() as tx:
        reason = Suppression.SILENCED if became is DeliveryState.SUPPRESSED else None
        await tx.execute(update(deliveries).values(state=became, reason=reason, settled=now()))
    async with a_bot(database) as api:
        await come(database, SECOND)
        await come(database, THIRD, after=1)

    second, third = api.messages
    assert (SECOND.headline, None) == (second["text"], second.get("thread_ts"))
    assert (f"EXAMPLE CORP [EXMP]: {AGAIN} SPONSOR MANAGEMENT LLC (10% owner)", second["ts"]) == (
        third["text"],
        third["thread_ts"],
    )


async def test_another_rules_alert_on_the_trade_is_told_in_full(database: Database) -> None:
    """What one rule has told is not what the other asks for."""
    other = replace(a_trade(rule="other")[1], rule_id=RuleId("rule_other"))
    async with a_bot(database) as api:
        await come(database, FIRST)
        await come(database, other, after=1)

    assert [FIRST.headline, other.headline] == api.texts


async def test_an_amendment_is_a_message_of_its_own_in_the_thread_of_the_trade(database: Database) -> None:
    """Also while it waits together with what it amends, and below an answer: what it says differs."""
    filing = replace(SECOND.filing, accession=Accession("0009990900-25-000009"), form="4/A")
    amendment = replace(SECOND, id="r-009", filing=filing, amendment=True, follows=SECOND.id)
    async with a_bot(database) as api:
        await come(database, FIRST)
        await come(database, SECOND, amendment, after=1)

    first, *others = api.messages
    assert [first["ts"]] * 2 == [one["thread_ts"] for one in others]
    assert {f"EXAMPLE CORP [EXMP]: {AGAIN} PARTNER PAT (director)", amendment.headline} == {*api.texts[1:]}


async def test_a_channel_that_wants_every_filing_is_told_each_in_full(database: Database) -> None:
    """In no thread, and in no common message."""
    async with a_bot(database, every_filing=True) as api:
        await come(database, FIRST, SECOND)
        await come(database, THIRD, after=2)

    assert [one.headline for one in (FIRST, SECOND, THIRD)] == api.texts
    assert [None] * 3 == [one.get("thread_ts") for one in api.messages]


async def test_to_a_webhook_each_alert_is_an_event_of_its_own(database: Database) -> None:
    """As it stands on form4.alerts, with the trade and what it follows."""
    async with Receiver() as receiver, sending(database, kind="webhook", desk=f"{receiver.url}/hook"):
        await come(database, FIRST, SECOND, THIRD)

    events = [one.content for one in receiver.received]
    assert {(trade_id(FIRST.filing.accession), None), (trade_id(FIRST.filing.accession), FIRST.id)} == {
        (one["trade_id"], one["follows"]) for one in events
    }
    assert 3 == len({one["id"] for one in events})


# ---- while they wait together


async def test_what_waits_together_is_one_message(database: Database) -> None:
    """The first in full, of the others who filed them and under which number; each alert settles by itself."""
    async with SlackApi() as api:
        await books.owe(database, *map(owed, (FIRST, SECOND, THIRD)), at=now())
        async with sending(database, kind="slack_bot", settings={"token": TOKEN, "channel": CHANNEL}, desk=api.url):
            await eventually(settled(database, DeliveryState.DELIVERED, 3))

    (written,) = api.messages
    assert FIRST.headline == written["text"]
    for owner, alert in ((PARTNER, SECOND), (ADVISER, THIRD)):
        assert f"Also filed by {owner.rpt_owner_name}" in shown(written)
        assert 1 == shown(written).count(alert.filing.accession)
    assert {FIRST.id: None, SECOND.id: FIRST.id, THIRD.id: FIRST.id} == await told_with(database)


async def test_what_follows_what_was_told_together_stands_below_that_message(database: Database) -> None:
    """Whichever of its alerts is followed."""
    async with a_bot(database) as api:
        await come(database, FIRST, SECOND)
        await come(database, THIRD, after=2)

    first, later = api.messages
    assert first["ts"] == later["thread_ts"]


async def test_what_may_have_arrived_comes_again_under_its_own_id(database: Database) -> None:
    """A worker died with the second in flight; then the first, which had failed, came due too."""
    async with SlackApi() as api:
        known = {"event_type": "filingbell_message", "event_payload": {"id": SECOND.id}}
        api.messages.append({"ts": "1.1", "text": SECOND.headline, "metadata": known})
        await books.owe(database, owed(FIRST), owed(SECOND), at=now())
        async with database.transaction() as tx:
            lost = update(deliveries).where(deliveries.c.message == SECOND.id)
            await tx.execute(lost.values(claimed=now() - timedelta(seconds=1)))
        async with sending(database, kind="slack_bot", settings={"token": TOKEN, "channel": CHANNEL}, desk=api.url):
            await eventually(settled(database, DeliveryState.DELIVERED, 2))

    assert [SECOND.headline] == api.texts
    assert "chat.update" == api.asked[-1]


async def test_a_digest_of_a_burst_tells_a_trade_in_one_line(database: Database) -> None:
    """It is told once, whoever filed it."""
    desk = Messages(lambda _: None)
    alerts = [one for number in range(0, 120, 3) for one in a_trade(start=number)]
    async with answering(desk.receive) as url:
        await books.owe(database, *map(owed, alerts), at=now() - timedelta(minutes=5))
        async with sending(database, pace=4.0, desk=url):
            await eventually(settled(database, DeliveryState.DELIVERED, 61))  # and the digest

    assert "20 alerts on 60 filings in one message: more came than desk takes one by one" == desk.taken[0]["text"]
    assert 20 == json.dumps(desk.taken[0]).count("also filed by PARTNER PAT (0009")


# ---- in words


def test_what_each_kind_of_channel_shows_reads_as_it_did() -> None:
    """`python -m tests.dispatcher.one_trade > tests/dispatcher/one_trade.txt` writes it anew; read what changed."""
    assert one_trade.SNAPSHOT.read_text("utf-8") == "\n".join(one_trade.lines()).lstrip("\n") + "\n"


def lines(*alerts: Alert, template: Template | None = None) -> list[str]:
    one = told(alerts, template)
    return [one.headline, *(line for part in one.parts for line in part.lines)]


def test_a_filing_with_further_rows_says_which() -> None:
    """As one does that goes on where the form was full: what it sold besides is told."""
    further = a_row("S", "500", "70.00", **DISPOSED)
    goes_on = a_trade(FUND, FUND, rows=(SOLD, further))[1]
    also = in_words([FIRST, goes_on])[0].also

    who = f"Also filed by SPONSOR FUND IV, L.P. (10% owner): form 4 {goes_on.filing.accession}"
    assert (f"{who}. It reports further rows: {goes_on.headline}",) == also


def test_each_rule_says_why_once() -> None:
    """However many filings met it; one that another filing alone has met is told too."""
    only = a_trade(*CHAIN, rule="second")[2]
    words = in_words([FIRST, SECOND, THIRD, only])

    assert ["r", "second"] == [one.rule for one in words]
    assert words[0].rows
    assert not words[1].rows


def test_in_words_of_the_channels_own_it_is_said_at_the_end() -> None:
    """A template cannot leave out that it is the same trade."""
    template = Template("{{ company }}\n{% for row in rows %}{{ row.shares }}\n{% endfor %}")

    assert (
        "Also filed by PARTNER PAT (director): form 4 0009990900-25-000002"
        == lines(FIRST, SECOND, template=template)[-1]
    )
    *_, shares, last = lines(SECOND, template=template)
    assert ("30,000", f"S{AGAIN[1:]} PARTNER PAT (director)") == (shares, last)


@pytest.mark.parametrize("count", [2, 60])
def test_a_chain_of_any_length_fits(count: int) -> None:
    """What there is no room for is counted."""
    alerts = a_trade(*(FUND for _ in range(count)))
    whole = json.dumps(message(*alerts))
    assert len(whole) < 12_000
    assert ("more filing" in whole) is (count == 60)


def test_mails_on_one_trade_stand_in_one_thread() -> None:
    """By References, whoever filed it and whenever its mail comes."""
    mails = [message_from_bytes(mail([one], "a@example.com", "b@example.com", now())) for one in (FIRST, SECOND)]

    assert ["<0009990900-25-000001@example.com>"] == mails[0]["References"].split()
    assert ["<0009990900-25-000001@example.com>", f"<{FIRST.id}@example.com>"] == mails[1]["References"].split()
    assert f"<{FIRST.id}@example.com>" == mails[1]["In-Reply-To"]
