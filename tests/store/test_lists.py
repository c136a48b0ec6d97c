"""Lists of alerts and deliveries: all that is meant, each once, the latest first, and no more read than is shown."""

import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct
from sqlalchemy import text

from service.model.delivery import DeliveryState
from service.model.filing import Accession
from service.model.identity import DEFAULT, Prefix, RuleId, WorkspaceId, derived_id
from service.store import Database, alerts, ledger, workspaces
from service.store import deliveries as owed
from service.store.alerts import WantedAlerts
from service.store.ledger import Chosen
from service.store.schema import deliveries, messages, tape_keys
from tests.kit.books import add_channels
from tests.kit.filings import now
from tests.kit.statements import statements

CHANNELS = ("desk", "hook", "rare")
COMPANIES = ("issuer:3", "issuer:5", "issuer:6")
RULES = [RuleId(derived_id(Prefix.RULE, DEFAULT, name)) for name in ("often", "seldom")]
FIRST = now() - timedelta(days=2)


class Made(Struct, frozen=True, kw_only=True):
    """An alert, and how it stands with its deliveries."""

    id: str
    number: int
    workspace: WorkspaceId
    rule: RuleId
    accession: Accession
    owed: dict[str, DeliveryState]

    @property
    def at(self) -> datetime:
        """When it was made."""
        return FIRST + timedelta(minutes=self.number)

    @property
    def company(self) -> str:
        """What the tape has its filing by."""
        return f"issuer:{self.accession[-1]}"


async def _filled(database: Database, count: int = 120) -> list[Made]:
    """Alerts of two workspaces and rules, to up to three channels; of some several were made at one time."""
    chance = random.Random(14)
    async with database.transaction() as tx:
        other = await workspaces.add(tx, "other", FIRST)
    await add_channels(database, *CHANNELS)
    made = [
        Made(
            id=str(UUID(int=chance.getrandbits(128), version=5)),
            number=number // 2,
            workspace=other if number % 7 == 0 else DEFAULT,
            rule=RULES[number % 10 == 0],
            accession=Accession(f"0000000001-25-{number // 4:06d}"),
            owed={
                channel: chance.choice(list(DeliveryState))
                for channel in CHANNELS[: 3 if number % 20 == 0 else 2]
                if chance.random() < 0.8
            },
        )
        for number in range(count)
    ]
    async with database.transaction() as tx:
        await owed.know(tx, CHANNELS)
        filed = {one.accession: one.company for one in made}
        await tx.add(tape_keys, [{"key": key, "accepted": FIRST, "accession": one} for one, key in filed.items()])
        await tx.add(messages, [_message(one) for one in made])
        await tx.add(deliveries, [row for one in made for row in _deliveries(one)])
    return made


def _message(one: Made) -> dict[str, Any]:
    row = {"kind": "alert", "accession": one.accession, "rule_id": one.rule, "value": b"", "created": one.at}
    return row | {"id": one.id, "workspace": one.workspace}


def _deliveries(one: Made) -> Iterator[dict[str, Any]]:
    for place, (channel, state) in enumerate(one.owed.items()):
        later = one.at + timedelta(microseconds=place)
        row = {"tries": 0, "steps": 0, "due": later, "created": later, "message": one.id}
        yield row | {"channel": channel, "state": state}


def _is_wanted(one: Made, wanted: WantedAlerts) -> bool:
    told = [state for channel, state in one.owed.items() if wanted.channels is None or channel in wanted.channels]
    return (
        one.workspace == DEFAULT
        and wanted.rule in (None, one.rule)
        and wanted.accession in (None, one.accession)
        and (wanted.keys is None or one.company in wanted.keys)
        and (wanted.since is None or one.at >= wanted.since)
        and (wanted.before is None or one.at < wanted.before)
        and (wanted.channels is None or bool(told))
        and (wanted.state is None or wanted.state in told)
    )


WANTED = {
    "all": WantedAlerts(),
    "a rule's": WantedAlerts(rule=RULES[1]),
    "a filing's": WantedAlerts(accession=Accession("0000000001-25-000003")),
    "a company's": WantedAlerts(keys=COMPANIES),
    "dead of a company": WantedAlerts(keys=COMPANIES, channels=CHANNELS, state=DeliveryState.DEAD),
    "delivered of a company": WantedAlerts(
        keys=("issuer:3", "issuer:5", "issuer:6"), channels=CHANNELS, state=DeliveryState.DELIVERED
    ),
    "a time's": WantedAlerts(since=FIRST + timedelta(minutes=10), before=FIRST + timedelta(minutes=30)),
    "a channel's": WantedAlerts(channels=("rare",)),
    "two channels'": WantedAlerts(channels=CHANNELS[:2]),
    "of a channel and a rule": WantedAlerts(channels=("hook",), rule=RULES[0]),
    **{f"{state}": WantedAlerts(channels=CHANNELS, state=state) for state in DeliveryState},
    **{f"{state} to one": WantedAlerts(channels=("hook",), state=state) for state in DeliveryState},
    **{f"{state} by a rule": WantedAlerts(channels=CHANNELS, state=state, rule=RULES[0]) for state in DeliveryState},
}


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
async def test_alerts_are_listed_each_once_whatever_is_wanted(either: Database, wanted: WantedAlerts) -> None:
    """Page by page, whatever the size of a page, it is what one look at everything finds."""
    made = await _filled(either)
    expected = {one.id for one in made if _is_wanted(one, wanted)}
    for size in (7, 1000):
        found, last = [], None
        while part := await alerts.page(either, DEFAULT, wanted, size, last):
            found += part
            last = part[-1].place
        assert len(found) == len({one.id for one in found})
        assert expected == {one.id for one in found}
        assert [one.place for one in found] == sorted((one.place for one in found), reverse=True)
    assert expected


CHOSEN = {
    "all": Chosen(channels=CHANNELS),
    "a channel's": Chosen(channels=("rare",)),
    "dead": Chosen(channels=CHANNELS, states=(DeliveryState.DEAD,)),
    "dead or pending since": Chosen(
        channels=CHANNELS, states=(DeliveryState.DEAD, DeliveryState.PENDING), since=FIRST + timedelta(minutes=20)
    ),
    "anybody's": Chosen(),
}


@pytest.mark.parametrize("chosen", CHOSEN.values(), ids=CHOSEN)
async def test_deliveries_are_listed_each_once_whatever_is_chosen(either: Database, chosen: Chosen) -> None:
    """Page by page, whatever the size of a page, it is what one look at everything finds."""
    made = await _filled(either)
    expected = {
        (one.id, channel)
        for one in made
        for channel, state in one.owed.items()
        if chosen.channels is None or channel in chosen.channels
        if not chosen.states or state in chosen.states
        if chosen.since is None or FIRST + timedelta(minutes=one.number) >= chosen.since
    }
    for size in (9, 1000):
        found, last = [], None
        while part := await ledger.page(either, chosen, size, last):
            found += part
            last = (part[-1].owed, part[-1].id, part[-1].channel)
        assert len(found) == len(expected)
        assert expected == {(one.id, one.channel) for one in found}
        assert [one.owed for one in found] == sorted((one.owed for one in found), reverse=True)


LISTS = {f"alerts, {name}": one for name, one in WANTED.items() if one.accession is None and one.keys is None} | {
    f"deliveries, {name}": chosen for name, chosen in CHOSEN.items()
}


@pytest.mark.parametrize("asked", LISTS.values(), ids=LISTS)
async def test_a_list_is_read_along_an_index(database: Database, asked: WantedAlerts | Chosen) -> None:
    """Nothing large is read whole or sorted: what a page costs does not grow with what there is."""
    await _filled(database, 8)
    behind = now(), str(UUID(int=0))
    with statements() as seen:
        if isinstance(asked, WantedAlerts):
            await alerts.page(database, DEFAULT, asked, 5, behind)
        else:
            await ledger.page(database, asked, 5, (*behind, ""))
    steps = [step for statement, given in seen for step in await _plan(database, statement, given)]

    assert [] == [step for step in steps if re.search(r"SCAN (messages|deliveries)\b(?! USING)", step)]
    assert [] == [step for step in steps if re.search(r"TEMP B-TREE FOR ORDER BY", step)]
    assert [step for step in steps if re.search(r"(alerts_by_time|messages_by_rule|deliveries_by_channel)", step)]


@pytest.mark.parametrize("named", [{"ids": ("a", "b")}, {"accessions": (Accession("0000000001-25-000003"),)}])
async def test_the_deliveries_of_some_messages_are_found_by_these(database: Database, named: dict[str, Any]) -> None:
    """By id or filing, whatever the channels: no other delivery is read."""
    with statements() as seen:
        await ledger.page(database, Chosen(channels=CHANNELS, **named), 5)
    steps = [step for statement, given in seen for step in await _plan(database, statement, given)]

    assert [] == [step for step in steps if step.startswith(("SCAN deliveries", "SCAN messages"))]
    assert [step for step in steps if re.match(r"SEARCH deliveries USING .*\(message=\?", step)]


async def _plan(database: Database, statement: str, given: tuple[object, ...]) -> list[str]:
    names = iter(range(len(given)))
    named = re.sub(r"\?", lambda _: f":p{next(names)}", statement)
    values = {f"p{place}": value for place, value in enumerate(given)}
    async with database.reading() as connection:
        return [row[-1] for row in await connection.execute(text(f"EXPLAIN QUERY PLAN {named}"), values)]
