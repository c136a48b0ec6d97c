"""A made-up alert through a channel: whether it takes what it is sent."""

import random
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from msgspec.structs import replace

from consumers.dispatcher.channelbook import Addressee, addressed_by
from consumers.dispatcher.door import doors
from consumers.dispatcher.guard import Guard
from consumers.language.rules import rules
from consumers.matcher.alerts import alert_of
from consumers.matcher.match import CompiledRule
from consumers.matcher.subject import Subject
from consumers.parser.document import parse
from service.clock import Clock
from service.control import resources
from service.control.trial import try_out
from service.edgar.submission import header
from service.lookalike import archive
from service.model.alert import Alert
from service.model.filing import Accession, Filing, Links, Times
from service.model.identity import WorkspaceId
from service.model.resource import ResourceKind
from service.scrub import Scrubber
from service.settings import Settings
from service.store import Database
from service.store.attempts import Attempt
from service.vault import Vault

_SAMPLE = Path(archive.__file__).parent / "samples" / "0009990001-13-000001.txt"
_RULE = "channels-test"
_EDGAR = "https://www.sec.gov/edgar/search/"  # the sample is made up, so that no page there shows it


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
    addressee = addressed_by(resource, vault.opened(dict(resource.section)))
    alert = sample(resource.name, clock.now())
    return alert, await send(database, settings, addressee, alert, clock)
