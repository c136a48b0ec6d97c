"""Books of channels for tests of the dispatcher, and what is owed to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from consumers.dispatcher.channelbook import Addressee, ChannelBook
from consumers.dispatcher.channels import Channel
from consumers.dispatcher.urgent import urgent
from consumers.following import Fixed
from service.model.delivery import Decision, Obligation
from service.model.filing import Accession
from service.model.identity import DEFAULT, ChannelId, Revision, RuleId, WorkspaceId
from service.model.message import Message, MessageKind
from service.model.resource import ResourceKind
from service.model.trade import trade_id
from service.store import Database, deliveries, messages
from service.store.schema import resources
from service.wire import encode
from tests.kit.documents import an_alert
from tests.kit.filings import now


def a_book(
    channels: Mapping[str, Channel], of: Mapping[str, WorkspaceId] | None = None, kind: str | None = None
) -> Fixed[ChannelBook]:
    """*channels* as the sender knows them, *of* these workspaces (else the default one); each one's id is its name."""
    addressees = {
        ChannelId(name): Addressee(
            id=ChannelId(name),
            workspace=(of or {}).get(name, DEFAULT),
            name=name,
            kind=kind or type(channel).__name__.lower(),
            revision=Revision(1),
            channel=channel,
            place=getattr(channel, "url", ""),
            trusted=True,  # receivers of tests are on this machine
        )
        for name, channel in channels.items()
    }
    return Fixed(ChannelBook(revision=Revision(1), addressees=addressees))


async def add_channels(database: Database, *names: str, workspace: WorkspaceId = DEFAULT) -> None:
    """Channels in *workspace* whose ids are their names, as in ``a_book``; a repetition changes nothing."""
    rows = [
        {
            "id": name,
            "kind": ResourceKind.CHANNEL,
            "workspace": workspace,
            "name": name,
            "section": {},
            "enabled": True,
            "revision": 1,
            "created": datetime(2025, 1, 1, tzinfo=UTC),
        }
        for name in names
    ]
    async with database.transaction() as tx:
        await tx.add(resources, rows)


@dataclass(frozen=True, kw_only=True)
class AnAlert:
    """An alert and whom it is owed to: what matters to a test of what comes of it."""

    id: str
    accession: str = "0009990900-25-000001"
    rule: str = "r"
    rule_id: str | None = None
    trade: str | None = None
    value: bytes = b"{}"
    workspace: WorkspaceId = DEFAULT
    channels: tuple[str, ...] = ("desk",)
    digest: str | None = None
    held: datetime | None = None
    urgent: bool = False


async def owe(database: Database, *alerts: AnAlert, at: datetime) -> None:
    """As the dispatcher does at *at*, whoever the channels are."""
    for workspace in {one.workspace for one in alerts}:
        of = [one for one in alerts if one.workspace == workspace]
        await add_channels(database, *{channel for one in of for channel in one.channels}, workspace=workspace)
    kept = [
        Message(
            id=one.id,
            kind=MessageKind.ALERT,
            workspace=one.workspace,
            value=one.value,
            accession=Accession(one.accession),
            trade=Accession(one.trade) if one.trade else None,
            rule_id=RuleId(one.rule_id or f"rule_{one.rule}"),
            rule_revision=Revision(1),
            rule=one.rule,
            urgent=one.urgent,
        )
        for one in alerts
    ]
    async with database.transaction() as tx:
        await messages.keep(tx, kept, at)
        owed = [
            (one.id, _owed(one, Obligation(channel=ChannelId(channel), due=at, digest=one.digest, held=one.held)))
            for one in alerts
            for channel in one.channels
        ]
        await deliveries.keep(tx, owed, at)


def _owed(alert: AnAlert, obligation: Obligation) -> Decision:
    return urgent(obligation) if alert.urgent else obligation


NEVER = timedelta(0)


async def burst(
    database: Database, count: int, *, start: int = 0, rules: tuple[str, ...] = ("r",), ago: timedelta = NEVER
) -> None:
    """Owe *count* filings, or their alerts by several rules, to the channel desk at once."""
    new = [an_owed(number, rule) for number in range(start, start + count) for rule in rules]
    await owe(database, *new, at=now() - ago)


def an_owed(
    number: int,
    rule: str = "r",
    channels: tuple[str, ...] = ("desk",),
    headline: str | None = None,
    workspace: WorkspaceId = DEFAULT,
) -> AnAlert:
    base = an_alert()
    filing = msgspec.structs.replace(base.filing, accession=f"0009990900-25-{number:06d}")
    alert = msgspec.structs.replace(
        base,
        id=f"{rule}-{number:03d}",
        rule=rule,
        filing=filing,
        trade_id=trade_id(filing.accession),
        headline=headline or base.headline,
    )
    return AnAlert(
        id=alert.id,
        accession=filing.accession,
        rule=rule,
        value=encode(alert),
        channels=channels,
        workspace=workspace,
    )
