"""Rules and channels that another process changes while the service runs, which is never started again."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from service.lookalike.server import LookAlike
from service.model.calendar import EASTERN
from service.model.filing import Accession
from service.model.identity import DEFAULT
from service.model.resource import ResourceKind
from service.store import Database, ledger, matchings, resources
from service.store.database import open_database
from service.store.ledger import Chosen
from tests.kit.archives import ScriptedArchive, listings
from tests.kit.eventually import eventually
from tests.kit.process import Service
from tests.kit.receiver import SECRET, Receiver

CONFIG = """
channels:
  desk: {type: slack, url: "URL/slack", pace_seconds: 0}
  hook: {type: webhook, url: "URL/webhook", secrets: "SECRET"}
rules:
  everything: {channels: [desk, hook]}
"""
FILINGS = [Accession(one.accession) for one in listings(3)]


class Bell:
    """A service that runs, what it reads from and sends to, and a second terminal."""

    def __init__(self, service: Service, database: Database, archive: ScriptedArchive, receiver: Receiver) -> None:
        self.service = service
        self.database = database
        self._unlisted = listings(len(FILINGS))
        self._archive = archive
        self._receiver = receiver

    async def says(self, *arguments: str) -> list[str]:
        """The lines that `filingbell` prints in the second terminal, once the service has taken over what it did."""
        said = await self.service.command(*arguments)
        revision = await resources.revision(self.database)

        async def followed() -> bool:
            told = self.logged("configuration_taken_over")
            return {"rules", "channels"} <= {one["of"] for one in told if one["revision"] == revision}

        await eventually(followed)
        return said.splitlines()

    async def file(self) -> None:
        """EDGAR lists one filing more, and the matcher reads it."""
        listing = self._unlisted.pop(0)
        self._archive.add(listing)

        async def matched() -> bool:
            return await matchings.of(self.database, Accession(listing.accession)) is not None

        await eventually(matched)

    async def rings(self, path: str, *expected: Accession) -> None:
        """Returns once *path* has been told of the last of *expected*; nothing else may have come."""

        async def came() -> bool:
            return expected[-1] in self.rung(path)

        await eventually(came)
        assert list(expected) == self.rung(path)

    def rung(self, path: str) -> list[Accession]:
        """The filings that *path* was told of, in their order."""
        return [
            accession
            for one in self._receiver.of(path)
            for accession in FILINGS
            if accession in json.dumps(one.content)
        ]

    def logged(self, event: str) -> list[dict[str, str | int]]:
        """The lines of the service's log with this *event*."""
        lines = [line for line in self.service.log().splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in map(json.loads, lines) if line["event"] == event]


@asynccontextmanager
async def a_bell(tmp_path: Path) -> AsyncIterator[Bell]:
    """It runs without a configuration; ``filingbell.yaml`` stands elsewhere, ready to be applied."""
    home, archive = tmp_path / "home", ScriptedArchive()
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(Receiver())
        edgar = await stack.enter_async_context(LookAlike(archive))
        (tmp_path / "filingbell.yaml").write_text(CONFIG.replace("URL", receiver.url).replace("SECRET", SECRET))
        service = Service(
            home, None, sec_contact="Tests tests@example.com", sec_url=edgar.url, sec_rate="1000", poll_seconds="0.05"
        )
        database = await open_database(f"sqlite:///{home}/filingbell.db")
        stack.push_async_callback(database.close)
        await service.start("--since", datetime.now(UTC).astimezone(EASTERN).date().isoformat())
        stack.push_async_callback(service.kill)
        yield Bell(service, database, archive, receiver)
        assert 0 == await service.stop()


async def test_a_service_without_rules_publishes_and_alerts_from_the_moment_a_file_is_applied(tmp_path: Path) -> None:
    """It says once that nobody is alerted; what was published before the rule came alerts nobody afterwards."""
    async with a_bell(tmp_path) as bell:
        await bell.file()
        said = await bell.says("apply", str(tmp_path / "filingbell.yaml"))
        await bell.file()
        await bell.rings("webhook", FILINGS[1])

    assert ["+ channel desk", "+ channel hook", "+ rule everything"] == said[:3]
    assert 1 == len(bell.logged("nobody_is_alerted"))
    assert 1 == len(bell.logged("started"))


async def test_a_rule_that_is_disabled_alerts_nobody_until_it_is_enabled(tmp_path: Path) -> None:
    """What it would have met meanwhile is not made up for."""
    async with a_bell(tmp_path) as bell:
        await bell.says("apply", str(tmp_path / "filingbell.yaml"))
        await bell.file()
        await bell.rings("webhook", FILINGS[0])
        assert ["rule everything is disabled"] == await bell.says("rules", "disable", "everything")
        await bell.file()
        assert ["rule everything is enabled"] == await bell.says("rules", "enable", "everything")
        await bell.file()
        await bell.rings("webhook", FILINGS[0], FILINGS[2])


async def test_a_channel_that_is_disabled_is_sent_nothing_and_all_of_it_once_it_is_enabled(tmp_path: Path) -> None:
    """Its alerts wait, while another channel of the same rule goes on."""
    async with a_bell(tmp_path) as bell:
        await bell.says("apply", str(tmp_path / "filingbell.yaml"))
        await bell.says("channels", "disable", "hook")
        await bell.file()
        await bell.file()
        await bell.rings("slack", *FILINGS[:2])
        (hook,) = await resources.called(bell.database, DEFAULT, ResourceKind.CHANNEL, "hook")
        owed = await ledger.listed(bell.database, Chosen(channels=(hook,)), 10)
        assert [("pending", 0)] * 2 == [(one.state, one.tries) for one in owed]
        assert [] == bell.rung("webhook")

        await bell.says("channels", "enable", "hook")
        await bell.file()
        await bell.rings("slack", *FILINGS)

        async def all_came() -> bool:
            return set(FILINGS) == set(bell.rung("webhook"))

        await eventually(all_came)
        assert 3 == len(bell.rung("webhook"))
