"""A desk to test the control plane at: workspaces, parsed filings, and the service's own loops behind them."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from msgspec import Struct
from sqlalchemy import func, select

from consumers.matcher.match import CompiledRule
from consumers.matcher.subject import Subject
from service.control import resources
from service.log.table import TableLog
from service.lookalike.loopback import Loopback
from service.model.fact import Fact
from service.model.filing import Accession, Source
from service.model.identity import DEFAULT, WorkspaceId
from service.model.message import MessageKind
from service.model.parsed import ParsedFiling
from service.model.resource import Actor, Resource, ResourceKind
from service.runtime.wiring import serve
from service.settings import Settings
from service.store import Database, Transaction, deliveries, workspaces
from service.store.schema import events, filings, matchings, messages
from service.vault import Vault, open_vault
from service.vitals import Unwatched, Vitals
from service.wire.topics import Topic, parsed_event
from tests.kit.documents import a_document, a_filing, a_row
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.process import HERE, LOOPBACK
from tests.kit.tasks import going_on

RULE, WATCHLIST, CHANNEL = ResourceKind.RULE, ResourceKind.WATCHLIST, ResourceKind.CHANNEL


class Taken(Struct, frozen=True):
    """One request, and how it was answered."""

    path: str
    status: int
    id: str  # of the message
    content: dict[str, Any]


class Answers(Loopback):
    """Receivers of webhooks, one a path, each of which answers as *statuses* say (else 200)."""

    def __init__(self, statuses: Mapping[str, int]) -> None:
        self._statuses = statuses
        self.taken: list[Taken] = []
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/{path}", self._answer)
        super().__init__(app)

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        status = self._statuses.get(path, 200)
        self.taken.append(Taken(path, status, request.headers["webhook-id"], json.loads(await request.read())))
        return web.Response(status=status)


class Desk:
    """What a person of one workspace does."""

    def __init__(self, database: Database, vault: Vault, workspace: WorkspaceId, name: str) -> None:
        self._database = database
        self._vault = vault
        self.workspace = workspace
        self.actor = Actor(name=f"cli:{name}", workspace=workspace)

    async def add(self, kind: ResourceKind, name: str, **content: Any) -> Resource:
        """Make one."""
        return await resources.add(self._database, self._vault, self.actor, kind, name, content, now(), egress=HERE)

    async def edit(self, kind: ResourceKind, name: str, **content: Any) -> Resource:
        """Replace what it asks for."""
        return await resources.edit(
            self._database, self._vault, self.actor, kind, name, now(), content=content, egress=HERE
        )

    async def switch(self, kind: ResourceKind, name: str, *, enabled: bool) -> Resource:
        """Enable or disable it."""
        return await resources.switch(self._database, self.actor, kind, name, now(), enabled=enabled)

    async def remove(self, kind: ResourceKind, name: str) -> Resource:
        """Take it away."""
        return await resources.remove(self._database, self.actor, kind, name, now())

    async def find(self, kind: ResourceKind, name: str) -> Resource:
        """It, as it stands."""
        return await resources.find(self._database, self.workspace, kind, name)


class Floor:
    """A database with its desks, and the service that works on it."""

    def __init__(self, database: Database, home: Path, **settings: Any) -> None:
        self.database = database
        self.settings = Settings(home=home, **({"retry_seconds": (0.05,) * 3, "egress_allow": LOOPBACK} | settings))
        self.vault = open_vault(self.settings.home, self.settings.vault_key)

    async def desk(self, workspace: str | None = None) -> Desk:
        """The desk of *workspace*, which is made; None: the default one."""
        made = DEFAULT
        if workspace is not None:
            async with self.database.transaction() as tx:
                made = await workspaces.add(tx, workspace, now())
        return Desk(self.database, self.vault, made, workspace or "default")

    @asynccontextmanager
    async def running(self, *roles: str, vitals: Vitals | None = None) -> AsyncIterator[None]:
        """While the context is open, *roles* (else matcher and dispatcher) run, as `filingbell run` wires them."""
        watcher = vitals or Unwatched()
        log = TableLog(self.database, watcher)
        async with going_on(serve(self.settings, self.database, log, watcher, roles or ("matcher", "dispatcher"))):
            yield

    async def publish(self, *numbers: int, rows: Sequence[Any] = (a_row(),), **filing: Any) -> list[Accession]:
        """Parsed filings with these *numbers*: a purchase each, unless there are other *rows*."""
        made = [
            ParsedFiling(filing=a_filing(accession=accession_of(number), **filing), document=a_document(*rows))
            for number in numbers
        ]
        async with self.database.transaction() as tx:
            tx.emit(*(parsed_event(one, now()) for one in made))
        return [one.filing.accession for one in made]

    async def matched(self, count: int) -> None:
        """Return once *count* filings were matched."""

        async def condition() -> bool:
            async with self.database.reading() as connection:
                return await connection.scalar(select(func.count()).select_from(matchings)) == count

        await eventually(condition)

    async def idle(self, count: int) -> None:
        """Return once *count* filings were matched, and nothing waits for a dispatcher or a channel."""
        await self.matched(count)
        await eventually(self._settled)

    async def through(self) -> bool:
        """Whether a dispatcher has read every alert."""
        made = select(func.count()).where(events.c.topic == Topic.ALERTS).scalar_subquery()
        taken = select(func.count()).where(messages.c.kind == MessageKind.ALERT).scalar_subquery()
        async with self.database.reading() as connection:
            return bool(await connection.scalar(select(made == taken)))

    async def _settled(self) -> bool:
        return await self.through() and not await deliveries.pending(self.database)


async def seen(tx: Transaction, accessions: Iterable[Accession], state: str) -> None:
    """Note that the feed has shown *accessions*, as the poller does."""
    row = {"form": "4", "archive_cik": "1", "updated": now(), "seen": now(), "history": False, "tries": 0, "due": now()}
    rows = [{**row, "accession": one, "state": state, "source": Source.FEED} for one in accessions]
    await tx.add(filings, rows)


def accession_of(number: int) -> Accession:
    return Accession(f"0009990900-25-{number:06d}")


def a_fault(wrong: Mapping[str, Any]) -> Any:
    """How rules are matched that have a fault: those named in *wrong*, on the rows for which it is true."""

    def matches(rule: CompiledRule, subject: Subject) -> tuple[Fact, ...] | None:
        if rule.rule.name in wrong and any(wrong[rule.rule.name](fact) for fact in subject.facts):
            raise ZeroDivisionError("as if by a rule that nobody foresaw")
        return _MATCHES(rule, subject)

    return matches


_MATCHES = CompiledRule.matches
