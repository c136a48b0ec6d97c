"""A made-up alert through a channel: whether it takes what it is sent."""

import asyncio
import random
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from msgspec.structs import replace

from consumers.dispatcher.channelbook import Addressee, addressed_by
from consumers.dispatcher.door import doors
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.leaving import Leaving
from consumers.language.rules import rules
from consumers.matcher.alerts import alert_of
from consumers.matcher.match import CompiledRule
from consumers.matcher.subject import Subject
from service import lookalike
from service.clock import Clock
from service.control import operations, resources
from service.control.operations import NamedChannel
from service.control.trial import try_out
from service.edgar.submission import header
from service.model.alert import Alert
from service.model.delivery import Reason
from service.model.errors import Fault, Faulty
from service.model.filing import Accession, Filing, Links, Times
from service.model.identity import WorkspaceId
from service.model.resource import ResourceKind
from service.scrub import Scrubber
from service.settings import Settings
from service.store import Database
from service.store.attempts import Attempt
from service.vault import Vault

_SAMPLE = Path(lookalike.__file__).parent / "samples" / "0009990001-13-000001.txt"
_RULE = "channels-test"
_EDGAR = "https://www.sec.gov/edgar/search/"  # the sample is made up, so that no page there shows it

ADVICE: Mapping[Reason, str] = {
    Reason.RECEIVED: "See whether the message is there.",
    Reason.REFUSED: "The service itself says no. If the webhook, mailbox or channel is gone, make a new one.",
    Reason.INVALID_MESSAGE: "The service takes messages, but not of this form: please report this, with the answer.",
    Reason.GONE: "The receiver says that it accepts no more messages. Set another address, or take the channel out.",
    Reason.RATE_LIMITED: "The receiver takes less at a time. The service waits by itself; test again in a minute.",
    Reason.CLIENT_ERROR: "Is the address right, does the receiver know the secret or password, and ask for no more?",
    Reason.SERVER_ERROR: "The receiver, or a proxy before it, has a fault. The service would try for three days.",
    Reason.REDIRECT: "Set the address that it leads to: redirects are not followed.",
    Reason.TIMEOUT: "Is the receiver up, and may this machine reach it? It must answer within 15 seconds.",
    Reason.NO_CONNECTION: "Is the address right, is the receiver up, and may this machine reach it?",
    Reason.NOT_ALLOWED: "If it is a receiver of yours, the operator allows it: FILINGBELL_EGRESS_ALLOW=host:port.",
    Reason.TLS: "Is its certificate valid, for this host name? Is it https that listens there?",
    Reason.NOT_HTTP: "Something else than a web server answers there: is the port right?",
    Reason.NOT_SMTP: "Something else than a mail server answers there: are port and encryption right?",
    Reason.OUR_FAULT: "Please report this.",
}
"""What to do after a sample that came to this, for people."""


def sample(channel: str, at: datetime) -> Alert:
    """An alert on a filing that is made up, which says so; no two have the same id."""
    from consumers.parser.document import parse

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


async def send(database: Database, settings: Settings, addressee: Addressee, alert: Alert, clock: Clock) -> Attempt:
    """Send the sample *alert* to *addressee* now, and record it; what it answers is told without anything secret."""
    hidden = Scrubber({*settings.secrets, *addressee.channel.secrets}, names=[addressee.name])
    async with doors(settings.egress) as opened:
        guard = Guard(opened, clock.now, hidden, settings.way)
        return await try_out(database, addressee, alert, guard, clock, random.Random())


async def send_to(
    database: Database, vault: Vault, settings: Settings, workspace: WorkspaceId, named: str, clock: Clock
) -> tuple[Alert, Attempt]:
    """The same to the channel of this name or id; raises NotFound."""
    resource = await resources.find(database, workspace, ResourceKind.CHANNEL, named)
    leaving = Leaving(vault, settings.http_trusted)
    addressee = addressed_by(resource, vault.opened(dict(resource.section)), leaving)
    alert = sample(resource.name, clock.now())
    return alert, await send(database, settings, addressee, alert, clock)


async def send_to_operations(
    database: Database, vault: Vault, settings: Settings, workspace: WorkspaceId, clock: Clock
) -> list[tuple[NamedChannel, Alert, Attempt]]:
    """The same to every channel that is told of the service itself; raises Faulty where nobody is."""
    told = (await operations.find(database, workspace)).channels
    if not told:
        raise Faulty("nothing was sent:", (Fault((), "no channel for operations is named yet"),))
    sent = await asyncio.gather(*(send_to(database, vault, settings, workspace, one.id, clock) for one in told))
    return [(one, alert, attempt) for one, (alert, attempt) in zip(told, sent, strict=True)]
