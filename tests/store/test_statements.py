"""What the way of a filing asks of the database is made once: to make a statement takes longer than to run it."""

import asyncio
import inspect
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy.sql.base import Generative
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.selectable import Select

from consumers import stage
from consumers.dispatcher.channelbook import channelbook
from consumers.dispatcher.door import doors
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.sender import Sender
from consumers.dispatcher.step import DispatcherStep
from consumers.following import Fixed
from consumers.matcher.rulebook import rulebook
from consumers.matcher.step import MatcherStep
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from consumers.steps import Step
from service.control import resources as control
from service.log.table import TableLog
from service.model.delivery import DeliveryState
from service.model.filing import Accession, Cik
from service.model.identity import DEFAULT
from service.model.resource import Actor, ResourceKind
from service.store import Database, filings, resources
from service.store.filings import Seen
from service.vault import Vault, open_vault
from service.vitals import Unwatched
from tests.kit.answering import answering
from tests.kit.eventually import eventually
from tests.kit.filings import a_filing_event, now
from tests.kit.process import HERE
from tests.kit.receiver import SECRET
from tests.kit.sending import settled


async def test_the_second_filing_makes_no_statement(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its entry in the feed to the webhook that is recorded."""
    vault = open_vault(tmp_path / "home", None)

    async def receive(_request: web.Request) -> web.Response:
        return web.Response()

    async with answering(receive) as url:
        await a_rule_to(database, vault, url)
        async with running(database, vault):
            await found(database, 1)
            await eventually(settled(database, DeliveryState.DELIVERED, 1))
            made = counted(monkeypatch)
            await found(database, 2)
            await eventually(settled(database, DeliveryState.DELIVERED, 2))

    known = {"_standing", "read"}  # how this test sees that it is through
    assert {} == {one: count for one, count in made.items() if one.rpartition(".")[2] not in known}


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many statements, or parts of one, are made from now on, by who makes them."""
    made: Counter[str] = Counter()

    def count(kind: type, name: str) -> None:
        original = getattr(kind, name)

        def counting(self: Any, *given: Any, **named: Any) -> Any:
            made[_maker()] += 1
            return original(self, *given, **named)

        monkeypatch.setattr(kind, name, counting)

    for kind in (Select, Update, Insert):
        count(kind, "__init__")
    count(Generative, "_generate")
    return made


def _maker() -> str:
    """The function of the store that makes it."""
    called = (frame.frame for frame in inspect.stack(0))
    names = (f"{one.f_globals['__name__']}.{one.f_code.co_name}" for one in called)
    return next((name for name in names if name.startswith("service.store.")), "somebody else")


async def a_rule_to(database: Database, vault: Vault, url: str) -> None:
    """Everything alerts."""
    anna = Actor(name="cli:anna", workspace=DEFAULT)
    hook = {"type": "webhook", "url": url, "secrets": [SECRET]}
    await control.add(database, vault, anna, ResourceKind.CHANNEL, "hook", hook, now(), egress=HERE)
    await control.add(database, vault, anna, ResourceKind.RULE, "everything", {"channels": "hook"}, now())


async def found(database: Database, number: int) -> None:
    """As the poller does: listed and pending, then published."""
    accession, at = Accession(f"0009990900-25-{number:06d}"), now()
    await filings.known(database, [accession])
    seen = Seen(
        accession=accession,
        form="4",
        archive_cik=Cik("0009900001"),
        issuer_cik=None,
        issuer_name=None,
        updated=at,
        seen=at,
        history=False,
    )
    async with database.transaction() as tx:
        await filings.add(tx, [seen])
    await filings.due(database, now(), 10)
    await filings.due_in_background(database, now(), 10)
    await filings.next_due(database)
    async with database.transaction() as tx:
        await filings.settle(tx, accession, filings.FilingState.PUBLISHED, seen.source)
        tx.emit(a_filing_event(number))


@asynccontextmanager
async def running(database: Database, vault: Vault) -> AsyncIterator[None]:
    """Every stage, and the sender."""
    everything, log = await resources.every(database), TableLog(database, Unwatched())
    rules, book = rulebook(*everything), channelbook(vault)(*everything)
    steps: list[Step[Any]] = [
        ParserStep(now, Limits(), Unwatched()),
        MatcherStep(lambda: rules, now, Unwatched()),
        DispatcherStep(now),
    ]
    async with doors(HERE) as opened:
        guard = Guard(opened, now, str)
        sender = Sender(Fixed(book), guard, database, RetrySchedule(), now, random.Random(1), Unwatched())
        loops = [stage.run(step, log.source(step.group, step.topic), database, now, Unwatched()) for step in steps]
        tasks = [asyncio.create_task(one) for one in (*loops, sender.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
