"""What a channel would be sent for a filing: by its rules that the filing meets, or by one that asks for nothing."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from consumers.dispatcher.channelbook import addressed_by
from consumers.language.rules import rules
from consumers.matcher.alerts import alert_of
from consumers.matcher.match import CompiledRule
from consumers.matcher.rulebook import rules_of
from consumers.matcher.subject import Subject
from service.control import resources
from service.control.recalling import links_of
from service.control.sent import SentMessage, message
from service.model.identity import WorkspaceId
from service.model.resource import Resource, ResourceKind
from service.store import Database
from service.store import resources as stored
from service.vault import Vault

_NO_RULE = "preview"
_MOST = 10  # rules whose alerts are shown


class Preview(Struct, frozen=True, kw_only=True):
    """One message."""

    rule: str | None  # by which; None: by none, for the filing meets no rule of the channel
    message: SentMessage


async def preview(
    database: Database, vault: Vault, workspace: WorkspaceId, channel: str, subject: Subject, now: datetime
) -> tuple[Resource, list[Preview]]:
    """The channel of this name or id, and what it would be sent for *subject*; raises NotFound, and ConfigError.

    Without the link by which a recipient unsubscribes: whoever looks could stop the channel with it.
    """
    found = await resources.find(database, workspace, ResourceKind.CHANNEL, channel)
    addressee = addressed_by(found, vault.opened(dict(found.section)))
    if not subject.filing.links.index:  # a file, which does not say where EDGAR has it
        links = links_of(subject.document.issuer.issuer_cik, subject.filing.accession)
        subject = replace(subject, filing=replace(subject.filing, links=links))
    chosen = await _rules(database, workspace, found, subject)
    alerts = ((alert_of(rule, subject, rule.matches(subject) or ()), name) for rule, name in chosen)
    return found, [Preview(rule=name, message=message(addressee, [alert], now)) for alert, name in alerts]


async def _rules(
    database: Database, workspace: WorkspaceId, channel: Resource, subject: Subject
) -> Sequence[tuple[CompiledRule, str | None]]:
    _, every = await stored.every(database, workspace)
    asking = (CompiledRule.of(rule) for rule in rules_of(every) if channel.id in rule.channels)
    met = [rule for rule in asking if rule.matches(subject) is not None]
    if met:
        return [(rule, rule.rule.name) for rule in met[:_MOST]]
    (all_of_it,) = rules({_NO_RULE: {"channels": [channel.name]}}, {}, [channel.name])
    return [(CompiledRule.of(all_of_it), None)]
