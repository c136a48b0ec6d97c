"""``demo``: a morning on EDGAR, played through the real service on this machine alone."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import typer
from msgspec import Struct, field
from rich.console import Console
from rich.rule import Rule as Line
from rich.table import Table
from rich.text import Text

from consumers import configuration as configfile
from consumers.configuration import Configuration
from service import telemetry
from service.cli import unsettled
from service.cli.pages import pages
from service.cli.screen import Screen
from service.cli.show import alert_panel
from service.cli.sink import Receipt, Sink, show
from service.clock import now
from service.log.table import TableLog
from service.lookalike import archive
from service.lookalike.archive import FolderArchive, Listing
from service.lookalike.server import LookAlike
from service.model.alert import Alert
from service.model.calendar import EASTERN
from service.model.dead import DeadLetter
from service.model.errors import ConfigError
from service.runtime.wiring import serve_embedded
from service.settings import Settings
from service.store import Database, channel_names, deliveries, events, filings, undelivered
from service.store.database import EVENTS, open_database
from service.text import legible, one_line
from service.vault import new_secret
from service.vitals import Unwatched
from service.wire import decode
from service.wire.topics import Topic
from service.words import counted

_BUNDLED = Path(archive.__file__).parent
_LEAD = timedelta(seconds=1)  # the service is up before the first filing appears
_PATIENCE = 30.0  # seconds after the last filing for everything to settle
_LOOK = 0.1  # seconds
_FORMS = ("4", "4/A")


class Played(Struct):
    """What the demo saw."""

    appeared: dict[str, datetime] = field(default_factory=dict)  # accession: when the feed listed it
    receipts: list[Receipt] = field(default_factory=list)


def demo(submissions: Path | None, config: Path | None, seconds: float, *, follow: bool) -> None:
    """Play *submissions* (None: the bundled morning) within *seconds*."""
    telemetry.configure_logs("critical")  # what matters is shown; the rest would tear the picture apart
    listings, left_out = _chosen(archive.load(submissions or _BUNDLED / "samples"))
    if submissions is not None:
        for name, why in left_out.items():
            Screen().hang(Text(f"{one_line(name)} is not played: "), Text(why, style="yellow"))
        if not any(listing.form in _FORMS for listing in listings):
            raise ConfigError(f"{submissions} holds no form 4 or 4/A that can be played")
    secret = new_secret()
    with tempfile.TemporaryDirectory(prefix="filingbell-demo-") as home:
        missing = asyncio.run(
            _play(
                listings,
                config or _BUNDLED / "demo.yaml",
                secret,
                Path(home),
                seconds,
                follow=follow,
                bundled=submissions is None,
            )
        )
    if missing:
        raise typer.Exit(1)


async def _play(
    listings: Sequence[Listing], config: Path, secret: str, home: Path, seconds: float, *, follow: bool, bundled: bool
) -> bool:
    console = Screen(framed=True)
    played = Played()

    def tell(receipt: Receipt) -> None:
        played.receipts.append(receipt)
        show(receipt, console)

    speed = max(_span(listings) / timedelta(seconds=seconds), 1e-6)
    morning = FolderArchive(listings, now() + _LEAD, speed)
    wanted = [listing.accession for listing in listings if listing.form in _FORMS]
    played.appeared = {accession: morning.appears(accession) for accession in wanted}
    async with LookAlike(morning) as edgar, Sink(0, [secret], tell) as receiver:
        variables = os.environ | {"FILINGBELL_DEMO_SINK": receiver.url, "FILINGBELL_DEMO_SECRET": secret}
        configuration = configfile.load(config, variables)
        settings = _settings(home, edgar.url)
        _introduce(console, listings, wanted, edgar.url, receiver.url, seconds)
        made_up = "The bundled filings are made up, but for one typed in from a real one. " if bundled else ""
        console.print(f"{made_up}Nothing leaves this machine.")
        database = await open_database(settings.database_url)
        log = TableLog(database, Unwatched())
        today = now().astimezone(EASTERN).date()
        service = asyncio.create_task(serve_embedded(settings, configuration, database, today))
        files = {} if bundled else {listing.accession: listing.file for listing in listings}
        watch = asyncio.create_task(_watch(database, console, files))
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        try:
            async with pages(settings, database, log) as (link, guest):
                console.print(Text("In a browser: ").append(link, style="bold"))
                deadline = morning.ends + timedelta(seconds=_PATIENCE)
                settled = await _settled(database, log, service, len(wanted), stopped, deadline)
                if (follow or guest.came) and not stopped.is_set():
                    console.print(Text("All is played; going on until Ctrl-C.", style="dim"))
                    await stopped.wait()
                await _summarise(console, database, configuration, played, listings, len(wanted))
                if not settled and not stopped.is_set():
                    console.print(Text(f"Not all came through within {_PATIENCE:.0f} s:", style="red"))
                    await unsettled.tell_filings(console, database, listings)
                await unsettled.tell_waiting(console, database)
        finally:
            for task in (watch, service):
                task.cancel()
            await asyncio.gather(watch, service, return_exceptions=True)
            await database.close()
    return not (settled or stopped.is_set())


def _settings(home: Path, edgar: str) -> Settings:
    """Of a service that is alone in *home*, whatever the environment names, and asks the look-alike at *edgar*."""
    return Settings(
        home=home,
        database=None,
        database_file=None,
        kafka=None,
        http=None,
        http_trusted=None,
        sec_url=edgar,
        sec_contact="filingbell demo demo@example.com",
        sec_rate=100,  # our own look-alike, on this machine
        poll_seconds=0.2,
    )


def _chosen(loaded: Sequence[Listing]) -> tuple[list[Listing], dict[str, str]]:
    """What of *loaded* is played; and of the other files, why they are not."""
    played: dict[str, Listing] = {}
    left_out: dict[str, str] = {}
    for listing in loaded:
        same = played.setdefault(listing.accession, listing)
        if same is not listing:
            left_out[listing.file] = f"{one_line(same.file)} has the same accession number, {listing.accession}"
        elif listing.form not in _FORMS:
            left_out[listing.file] = f"it is a form {one_line(listing.form)}; only 4 and 4/A are followed"
    return list(played.values()), left_out


def _introduce(
    console: Console, listings: Sequence[Listing], wanted: Sequence[str], edgar: str, receiver: str, seconds: float
) -> None:
    console.print(Line("filingbell demo"))
    console.print(
        f"{counted(len(listings), 'filing')}, {len(wanted)} of them form 4 or 4/A, play within {seconds:.0f} s. "
        f"EDGAR's look-alike: {edgar}. Slack and webhook receiver: {receiver}."
    )


def _span(listings: Sequence[Listing]) -> timedelta:
    """From the first filing's time of day to the last one's."""
    started = now()
    plan = FolderArchive(listings, started, 1.0)
    return max(plan.ends - started, timedelta(seconds=1))


async def _watch(database: Database, console: Console, files: Mapping[str, str]) -> None:
    """Show alerts and dead letters as any consumer would read them; of *files* (by accession), the name as well."""
    start = {Topic.ALERTS: 0, Topic.DEAD: 0}
    bell = database.bell(EVENTS)
    while True:
        bell.clear()
        for topic, position in start.items():
            for record in await events.read(database, topic, position, 100):
                start[topic] = record.offset + 1
                if topic is Topic.ALERTS:
                    console.print(alert_panel(decode(record.value, Alert)))
                else:
                    letter = legible(decode(record.value, DeadLetter))
                    name = f"{letter.accession} {one_line(files.get(letter.accession or '', ''))}".strip()
                    console.print(Text(f"dead letter {name}: {letter.message} ({letter.reason})", style="red"))
        await bell.wait(_LOOK * 5)


async def _settled(
    database: Database,
    log: TableLog,
    service: asyncio.Task[None],
    expected: int,
    stopped: asyncio.Event,
    deadline: datetime,
) -> bool:
    """Wait until all filings are through, and all deliveries made or held; False: not by *deadline*, or stopped."""
    while not stopped.is_set() and now() < deadline:
        if service.done():
            service.result()
        states = await filings.counts(database)
        if sum(states.values()) == expected and "pending" not in states and await _idle(database, log):
            return True
        await asyncio.sleep(_LOOK)
    return False


async def _idle(database: Database, log: TableLog) -> bool:
    """Whether every group has read its topic to the end, and nothing is owed but what is held."""
    if any((await log.lag()).values()):
        return False
    return all(owed.count == owed.held for owed in (await undelivered.waiting(database)).values())


async def _summarise(
    console: Console,
    database: Database,
    configuration: Configuration,
    played: Played,
    listings: Sequence[Listing],
    wanted: int,
) -> None:
    topics = await events.counts(database)
    names = await channel_names.names(database)
    states = {(names[channel], state): count for (channel, state), count in (await deliveries.counts(database)).items()}
    table = Table(title="The morning in figures", title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")
    table.add_row("Filings in the feed", str(len(listings)), f"{wanted} of them form 4 or 4/A")
    table.add_row("Seen", str(sum((await filings.counts(database)).values())), "each once, whatever its parties")
    table.add_row("Parsed", str(topics.get(Topic.PARSED, 0)), "form4.parsed")
    table.add_row("Dead letters", str(topics.get(Topic.DEAD, 0)), "form4.dead")
    table.add_row(
        "Alerts", str(topics.get(Topic.ALERTS, 0)), f"form4.alerts, {counted(len(configuration.rules), 'rule')}"
    )
    for channel in configuration.channels:
        told = ", ".join(f"{count} {state}" for (name, state), count in sorted(states.items()) if name == channel)
        table.add_row(f"Deliveries to {channel}", told or "0", "")
    signed = [receipt for receipt in played.receipts if receipt.kind == "webhook"]
    table.add_row(
        "Signatures verified", f"{sum(r.verified is True for r in signed)} of {len(signed)}", "Standard Webhooks"
    )
    waits = sorted(
        (receipt.at - played.appeared[receipt.accession]) / timedelta(milliseconds=1)
        for receipt in signed
        if receipt.accession in played.appeared and not receipt.repeated
    )
    if waits:
        table.add_row("Latency p50", f"{_percentile(waits, 50):.0f} ms", "in the feed to webhook received,")
        table.add_row("Latency p99", f"{_percentile(waits, 99):.0f} ms", "polling every 200 ms included")
    table.add_row("Memory", f"{telemetry.resident_mb():.0f} MB", "resident, look-alike and receiver included")
    console.print(table)


def _percentile(ordered: Sequence[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
