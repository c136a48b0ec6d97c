"""The dispatcher as a stage: form4.alerts to what each channel is owed, and what it is not and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, partial

import structlog
from msgspec import Struct

from consumers.dispatcher.digest import digest
from consumers.dispatcher.kept import readable
from consumers.dispatcher.quiet import hours_of, quiet
from consumers.dispatcher.route import route
from consumers.dispatcher.rule_rates import Decided, within_rules
from consumers.dispatcher.silence import covering, silence
from consumers.dispatcher.timetable import timed, timetable_of
from consumers.dispatcher.urgent import urgent
from consumers.quarantine import decoded
from consumers.stage import Clock
from service.model.alert import Alert
from service.model.delivery import Decision
from service.model.filing import Accession, Provenance
from service.model.identity import Revision, RuleId, SilenceId, WorkspaceId
from service.model.message import Message, MessageKind
from service.model.resource import Resource
from service.model.rule import Priority
from service.model.silence import Silence
from service.model.trade import TradeId, told_before
from service.store import Transaction, deliveries, messages, resources, silences, workspaces
from service.store.resources import Routing
from service.wire.topics import Record, Topic

Rule = tuple[RuleId, Revision]
"""A rule, as of a revision."""

_REMEMBERED = 10_000  # rules' revisions whose channels are known without a look

log = structlog.get_logger()


class _Filing(Struct, frozen=True, kw_only=True):
    """Of the filing that an alert is on, what decides where the alert goes."""

    accession: Accession
    provenance: Provenance = Provenance()


class _Head(Struct, frozen=True, kw_only=True):
    """Of an alert, what decides where it goes: a tenth of it, which is read in a quarter of the time."""

    id: str
    workspace: WorkspaceId
    rule_id: RuleId
    rule_revision: Revision
    rule: str
    filing: _Filing
    amendment: bool
    trade_id: TradeId | None = None
    priority: Priority = Priority.NORMAL

    @property
    def first_told_by(self) -> Accession | None:
        """As the alert says it."""
        return told_before(self.trade_id, self.filing.accession, amendment=self.amendment)


class Alerted(Struct, frozen=True, kw_only=True):
    """An alert as it is kept, and what decides where it goes."""

    message: Message
    rule: Rule
    found: Provenance  # its filing's


class DispatcherStep:
    """Decides for each channel of an alert's rule, as it stood when the alert was made, whether it is told, and when.

    Nothing is sent here: the sender does that, from the database.

    With *own* the log is the database's: nobody else writes to it, so its alerts need not be read whole to see whether
    they are any, and it keeps what this has not passed. To Kafka's topics anybody may write, and they forget alone.
    """

    group = "dispatcher"
    topic = Topic.ALERTS

    def __init__(self, clock: Clock, *, own: bool = False) -> None:
        self._clock = clock
        self._own = own
        self._routings: dict[Rule, Routing] = {}
        self._workspaces: set[WorkspaceId] = set()

    def read(self, record: Record) -> Alerted:
        """The alert, and what says where it goes; raises UnusableDocument if the record is not an alert."""
        alert = decoded(record, _Head) if self._own else decoded(record, Alert)
        message = Message(
            id=alert.id,
            kind=MessageKind.ALERT,
            workspace=alert.workspace,
            value=record.value,
            accession=alert.filing.accession,
            trade=alert.first_told_by,
            rule_id=alert.rule_id,
            rule_revision=alert.rule_revision,
            rule=alert.rule,
            urgent=alert.priority is Priority.URGENT,
        )
        return Alerted(message=message, rule=(alert.rule_id, alert.rule_revision), found=alert.filing.provenance)

    async def write(self, tx: Transaction, results: list[Alerted]) -> None:
        """Keep the alerts, and what becomes of each for each channel."""
        alerts = await self._of_known_workspaces(tx, results)
        if not alerts:
            return
        routings, now = await self._routed(tx, {one.rule for one in alerts}), self._clock()
        named = {channel for one in alerts if one.rule in routings for channel in routings[one.rule].channels}
        channels = await resources.by_id(tx, named)
        await messages.keep(tx, [one.message for one in alerts], now, logged=self._own)
        silenced = await silences.active(tx, {one.message.workspace for one in alerts}, now)
        decide = cache(partial(decisions, channels=channels, now=now))  # of many alerts few differ in any of it
        decided: Decided = {
            message.id: decide(message.workspace, routing, one.found, message.urgent, _silenced(message, silenced))
            for one in alerts
            if (routing := routings.get(one.rule)) is not None
            for message in (one.message,)
        }
        bounded = {one.message.id: one.rule for one in alerts if one.rule in routings and routings[one.rule].most}
        if bounded:
            most = {rule: routings[rule, revision].most or 0 for rule, revision in bounded.values()}
            decided = await within_rules(tx, decided, {one: rule for one, (rule, _) in bounded.items()}, most, now)
        await deliveries.keep(tx, [(message, one) for message, every in decided.items() for one in every], now)

    async def _routed(self, tx: Transaction, wanted: set[Rule]) -> Mapping[Rule, Routing]:
        if len(self._routings) > _REMEMBERED:
            self._routings.clear()
        if unknown := wanted - self._routings.keys():
            self._routings |= await resources.routings(tx, unknown)
        return self._routings

    async def _of_known_workspaces(self, tx: Transaction, results: Sequence[Alerted]) -> list[Alerted]:
        """Those that somebody here can be told of: a topic may outlive the database of who wrote to it."""
        if not self._workspaces.issuperset(one.message.workspace for one in results):
            self._workspaces = await workspaces.ids(tx)
        for one in results:
            if one.message.workspace not in self._workspaces:
                log.error("workspace_unknown", workspace=one.message.workspace, message=one.message.id)
        return [one for one in results if one.message.workspace in self._workspaces]


def _silenced(message: Message, silences: Sequence[Silence]) -> SilenceId | None:
    """The silence that covers the alert *message*; None: none does."""
    mine = [one for one in silences if one.workspace == message.workspace]
    if not mine:
        return None
    alert = readable(message.value)
    return None if alert is None else covering(alert, mine)


def decisions(
    workspace: WorkspaceId,
    routing: Routing,
    found: Provenance,
    is_urgent: bool,  # a cache tells arguments apart by their places
    silenced: SilenceId | None,
    *,
    channels: Mapping[str, Resource],
    now: datetime,
) -> Sequence[Decision]:
    """What becomes of an alert for each channel that its rule named: route, silence, urgent or quiet, digest."""
    made = []
    for decision in route(workspace, routing, channels, now):
        told = silence(decision, found, silenced)
        channel = channels[decision.channel]
        later = urgent(told) if is_urgent else timed(quiet(told, hours_of(channel)), timetable_of(channel))
        made.append(digest(later, found))
    return made
