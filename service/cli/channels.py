"""``channels test``: whether a channel takes what it is sent, and what to do if it does not."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import typer
from msgspec.structs import replace
from rich.text import Text

from consumers import configuration as configfile
from consumers.dispatcher.channels import Channel, load
from consumers.dispatcher.exchange import exchange
from consumers.dispatcher.guard import Guard, session
from consumers.dispatcher.outcome import Outcome
from consumers.language.rules import rules
from consumers.matcher.match import CompiledRule
from consumers.matcher.step import alert_of
from consumers.matcher.subject import Subject
from consumers.parser import parse
from service import settings as environment
from service.cli.resources import acting
from service.cli.screen import Screen
from service.clock import now
from service.control.resources import find
from service.edgar.submission import header
from service.lookalike import archive
from service.model.alert import Alert
from service.model.delivery import Reason, State
from service.model.errors import ConfigError
from service.model.filing import Accession, Filing, Links, Times
from service.model.message import MessageKind
from service.model.resource import ResourceKind
from service.runtime.hiding import Hiding
from service.runtime.wiring import FILE
from service.scrub import Scrub
from service.settings import Settings
from service.store.database import file_of
from service.text import one_line
from service.wire import encode

_SAMPLE = Path(archive.__file__).parent / "samples" / "0009990001-13-000001.txt"
_RULE = "channels-test"
_EDGAR = "https://www.sec.gov/edgar/search/"  # the sample is made up, so that no page there shows it

_ADVICE: Mapping[Reason, str] = {
    Reason.RECEIVED: "See whether the message is there.",
    Reason.REFUSED: "The service itself says no. If a Slack webhook or its channel is gone, make a new one.",
    Reason.INVALID_MESSAGE: "The service takes messages, but not of this form: please report this, with the answer.",
    Reason.GONE: "The receiver says that it wants no more. Set another address, or take the channel out.",
    Reason.RATE_LIMITED: "The receiver takes less at a time. The service waits by itself; test again in a minute.",
    Reason.CLIENT_ERROR: "Is the address right, does the receiver know the secret, and does it ask for no login?",
    Reason.SERVER_ERROR: "The receiver, or a proxy before it, has a fault. The service would try for three days.",
    Reason.REDIRECT: "Set the address that it leads to: redirects are not followed.",
    Reason.TIMEOUT: "Is the receiver up, and may this machine reach it? It must answer within 15 seconds.",
    Reason.NO_CONNECTION: "Is the address right, is the receiver up, and may this machine reach it?",
    Reason.TLS: "Is its certificate valid, for this host name? Is it https that listens there?",
    Reason.NOT_HTTP: "Something else than a web server answers there: is the port right?",
    Reason.OUR_FAULT: "Please report this.",
}


def test(name: str, config: Path | None, workspace: str) -> None:
    """Send a sample to the channel *name*, as *config* has it or the database; exit status 1 if it is not taken.

    Without a *config* that is the file in this folder, which may not be applied yet; where it has none, the database.
    """
    file = config or _here(name)
    channel, hide = _of_file(name, file) if file else asyncio.run(_of_database(name, workspace))
    alert = sample(name, now())
    started = time.monotonic()
    outcome = asyncio.run(_sent(channel, alert, environment.load(), hide))
    seconds = time.monotonic() - started
    taken = outcome.state is State.DELIVERED
    console = Screen()
    word, style = ("took", "green") if taken else ("did not take", "red")
    answer = f"{one_line(outcome.detail)} ({outcome.reason}, {seconds:.1f} s)"
    console.print(Text.assemble(f"{name} ", (word, style), f" the sample: {answer}"), soft_wrap=True)
    console.print(Text(_ADVICE[outcome.reason]), soft_wrap=True)
    if not taken:
        raise typer.Exit(1)
    console.print(Text(f"It says: {one_line(alert.headline)}", style="dim"), soft_wrap=True)


def _here(name: str) -> Path | None:
    """The configuration file in this folder, if it has a channel *name*, or there is no database to have it."""
    file = Path(FILE)
    if not file.exists():
        return None
    database = file_of(environment.load().database_url)
    no_database = database is not None and not database.exists()
    return file if no_database or name in configfile.load(file).channels else None


def _of_file(name: str, config: Path) -> tuple[Channel, Scrub]:
    configuration = configfile.load(config)
    channel = configuration.channels.get(name)
    if channel is None:
        known = ", ".join(configuration.channels)
        raise ConfigError(f"there is no channel {name!r}; {config} has: {known}")
    hiding = Hiding(environment.load())
    hiding.learn(configuration.secrets, configuration.channels)
    return channel, hiding


async def _of_database(name: str, workspace: str) -> tuple[Channel, Scrub]:
    async with acting(workspace) as (database, vault, actor):
        resource = await find(database, actor.workspace, ResourceKind.CHANNEL, name)
        channel = load({resource.name: vault.opened(dict(resource.section))})[resource.name]
    hiding = Hiding(environment.load())
    hiding.learn(channel.secrets, [resource.name])
    return channel, hiding


def sample(channel: str, at: datetime) -> Alert:
    """An alert on a filing that is made up, which says so; no two have the same id."""
    data = _SAMPLE.read_bytes()
    head, document = header(data), parse(data)
    filing = Filing(
        accession=head.accession or Accession(_SAMPLE.stem),
        form=document.document_type,
        issuer_cik=document.issuer.issuer_cik,
        issuer_name=document.issuer.issuer_name,
        filed_on=head.filed_on,
        links=Links(index=_EDGAR, submission=_EDGAR),
        times=Times(accepted=head.accepted, matched=at),
    )
    asked = {"kinds": "option-grant", "description": "A test of this channel: nothing was filed", "channels": [channel]}
    (rule,) = map(CompiledRule.of, rules({_RULE: asked}, {}, [channel]))
    subject = Subject.of(filing, document)
    alert = alert_of(rule, subject, rule.matches(subject) or ())
    return replace(alert, id=str(uuid4()), headline=f"TEST, nothing was filed: {alert.headline}")


async def _sent(channel: Channel, alert: Alert, settings: Settings, hide: Scrub) -> Outcome:
    async with session() as opened:
        guard = Guard(opened, now, hide, settings.way)
        outcome, _ = await exchange(channel, guard, MessageKind.TEST, encode(alert), now())
        return outcome
