"""A plan, played on a real database by what the dispatcher is made of, on a clock that is set."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import update

from consumers.dispatcher import claiming
from consumers.dispatcher.channelbook import Addressee, addressed_by
from consumers.dispatcher.digests import Digests
from consumers.dispatcher.flight import Means, fly
from consumers.dispatcher.lane import Lane
from consumers.dispatcher.post import Answer, Request
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.step import DispatcherStep
from service.control import silences
from service.control.silences import SilenceDraft
from service.model.circuit import Circuits
from service.model.delivery import DeliveryState
from service.model.filing import Accession
from service.model.identity import DEFAULT, ChannelId, Prefix, Revision, RuleId, derived_id
from service.model.message import MessageKind
from service.model.resource import Actor, Resource, ResourceKind
from service.model.rule import Priority
from service.model.trade import trade_id
from service.store import Database, attempts, claims, resources
from service.store.channels import ChannelState
from service.store.claims import CLAIM
from service.store.group_commit import GroupCommit
from service.store.schema import resources as table
from service.vitals import Unwatched
from service.wire import encode
from service.wire.topics import Record, Topic
from tests.kit.documents import an_alert
from tests.noise.plan import AChannel, ARule, ASilence, Plan

AFTER = timedelta(days=8)  # in which nothing comes any more: time for every try, and for a digest a week

_ANNA = Actor(name="cli:anna", workspace=DEFAULT)
_DIES = 0.02  # the share of claims whose worker dies before it sends
_AGAIN = 0.5  # the share of a rule's alerts that tell once more of the trade of the one before
_TOGETHER = 64


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that a receiver took."""

    channel: str  # its name
    at: datetime
    kind: MessageKind
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rang:
    """An alert, and to whom it is to go."""

    id: str
    at: datetime
    rule: ARule
    ticker: str
    trade: Accession  # the filing that was the first to tell of it


@dataclass(slots=True)
class Played:
    """What happened."""

    rang: dict[str, Rang] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)

    @property
    def matched(self) -> int:
        """Alerts, times the channels of their rules."""
        return sum(len(one.rule.channels) for one in self.rang.values())


def channel_id(name: str) -> ChannelId:
    return ChannelId(derived_id(Prefix.CHANNEL, name))


def rule_id(number: int) -> RuleId:
    return RuleId(derived_id(Prefix.RULE, str(number)))


class Player:
    """Plays a plan, a step at a time."""

    def __init__(self, database: Database, plan: Plan, chance: random.Random, step: timedelta) -> None:
        self.played = Played()
        self.step = step  # from one look of the sender to the next
        self.now = self._looked = plan.start
        self._database = database
        self._plan = plan
        self._chance = chance
        self._by_id = {channel_id(one.name): one for one in plan.channels}
        self._book: dict[ChannelId, Addressee] = {}
        self._enabled: dict[str, bool] = {}
        self._digests = Digests(database, lambda: self.now, None)
        self._dispatcher = DispatcherStep(lambda: self.now)
        self._means = Means(
            guard=_Receivers(plan.channels, lambda: self.now),  # type: ignore[arg-type]
            database=database,
            attempts=GroupCommit(database, attempts.record),
            schedule=RetrySchedule(),
            clock=lambda: self.now,
            chance=chance,
            vitals=Unwatched(),
            circuits=Circuits(),
        )

    async def begin(self) -> None:
        """Make the channels and the rules."""
        channels = [(ResourceKind.CHANNEL, channel_id(one.name), one.name, one.section) for one in self._plan.channels]
        rules = [
            (
                ResourceKind.RULE,
                rule_id(one.number),
                f"rule {one.number}",
                {"channels": [channel_id(each.name) for each in one.channels]},
            )
            for one in self._plan.rules
        ]
        async with self._database.transaction() as tx:
            at = await resources.next_revision(tx)
            await tx.add(table, [self._row(*one, at) for one in (*channels, *rules)])
        for one in self._plan.channels:
            self._load(one, one.section, at)

    def _row(self, kind: ResourceKind, one: str, name: str, section: Mapping[str, Any], at: Revision) -> dict[str, Any]:
        row = {"id": one, "kind": kind, "workspace": DEFAULT, "name": name, "section": dict(section), "enabled": True}
        return row | {"revision": at, "created": self.now}

    def _load(self, one: AChannel, section: Mapping[str, Any], at: Revision) -> None:
        resource = Resource(
            id=channel_id(one.name),
            kind=ResourceKind.CHANNEL,
            workspace=DEFAULT,
            name=one.name,
            section=section,
            revision=at,
            created=self.now,
        )
        self._book[channel_id(one.name)] = addressed_by(resource, section)
        self._enabled[one.name] = True

    async def play(self, until: datetime) -> None:
        """All that happens until then."""
        events = sorted(self._events(), key=lambda one: one[0])
        for at, what in [one for one in events if self.now <= one[0] < until]:
            await self._look_until(at)
            self.now = max(self.now, at)
            await what()
        await self._look_until(until)
        self.now = until

    async def _look_until(self, until: datetime) -> None:
        while self._looked + self.step <= until:
            self._looked += self.step
            await self._look(self._looked)

    def _events(self) -> Iterator[tuple[datetime, Any]]:
        for rule in self._plan.rules:
            for at, ticker in rule.rings:
                yield at, lambda rule=rule, ticker=ticker: self._ring(rule, ticker)
        for one in self._plan.silences:
            yield one.start, lambda one=one: self._silence(one)
        for each in self._plan.channels:
            if each.loses is not None and "digest" in each.section:
                yield each.loses, lambda each=each: self._lose(each)
            for at in each.disabled or ():
                yield at, lambda each=each: self._switch(each)

    async def _ring(self, rule: ARule, ticker: str) -> None:
        base, rang = an_alert(), self.played.rang
        accession = Accession(f"0009990900-25-{len(rang):06}")
        before = [one for one in rang.values() if one.rule is rule][-1:] if self._chance.random() < _AGAIN else []
        first = before[0].trade if before else accession
        alert = msgspec.structs.replace(
            base,
            id=str(uuid4()),
            workspace=DEFAULT,
            rule_id=rule_id(rule.number),
            rule_revision=Revision(0),
            rule=f"rule {rule.number}",
            issuer=msgspec.structs.replace(base.issuer, symbols=(ticker,)),
            filing=msgspec.structs.replace(base.filing, accession=accession),
            trade_id=trade_id(first),
            follows=before[0].id if before else None,
            priority=Priority.URGENT if rule.urgent else Priority.NORMAL,
        )
        record = Record(
            topic=Topic.ALERTS, partition=0, offset=0, key="k", id=alert.id, headers={}, value=encode(alert)
        )
        async with self._database.transaction() as tx:
            await self._dispatcher.write(tx, [self._dispatcher.read(record)])
        self.played.rang[alert.id] = Rang(alert.id, self.now, rule, ticker, first)

    async def _silence(self, one: ASilence) -> None:
        rules = () if one.rule is None else (f"rule {one.rule}",)
        draft = SilenceDraft(rules=rules, tickers=(one.ticker,) if one.ticker else (), reason="noise")
        await silences.add(self._database, _ANNA, draft, one.end, self.now)

    async def _lose(self, one: AChannel) -> None:
        section = {key: value for key, value in one.section.items() if not key.startswith("digest")}
        self._load(one, section, await self._changed(one, section=section))

    async def _switch(self, one: AChannel) -> None:
        self._enabled[one.name] = one.enabled(self.now)
        await self._changed(one, enabled=self._enabled[one.name])

    async def _changed(self, one: AChannel, **values: Any) -> Revision:
        async with self._database.transaction() as tx:
            at = await resources.next_revision(tx)
            this = update(table).where(table.c.id == channel_id(one.name))
            await tx.execute(this.values(revision=at, **values))
        return at

    async def _look(self, at: datetime) -> None:
        """The digests that are due, and all that may be sent at *at*."""
        self.now = at
        if self._chance.random() < 0.05:  # started again
            self._digests = Digests(self._database, lambda: self.now, None)
        await self._digests.look()
        while lanes := await self._due():
            sent = 0
            for start in range(0, len(lanes), _TOGETHER):
                sent += await self._send(lanes[start : start + _TOGETHER])
            if not sent:
                return

    async def _due(self) -> list[Lane]:
        """The channels to which something may be sent."""
        found = []
        for one in await claims.queues(self._database):
            addressee = self._book[ChannelId(one.state.channel)]
            longest = self._means.schedule.latest
            free = one.state.free(self.now, addressee.channel.interval, CLAIM, longest)
            if self._enabled[addressee.name] and one.first <= self.now and free <= self.now:
                found.append(Lane(addressee=addressee, state=ChannelState(channel=addressee.id)))
        return found

    async def _send(self, lanes: list[Lane]) -> int:
        """Claim for *lanes*, and send; returns how many requests were made. Some workers die before."""
        claimed = await claiming.claim(self._database, lanes, self.now, self._means.schedule.latest)
        made = 0
        for lane in lanes:
            for message in claimed[lane.addressee.id].messages:
                if self._chance.random() < _DIES:
                    continue
                made += 1
                attempt = await fly(message, lane.addressee, lane.state, self._means)
                if attempt is not None and attempt.state is DeliveryState.DELIVERED:
                    ids = tuple(one.message for one in message)
                    self.played.taken.append(Taken(lane.addressee.name, self.now, message[0].kind, ids))
        return made


class _Receivers:
    """What stands in place of the network: each channel's receiver answers as the plan says."""

    def __init__(self, channels: list[AChannel], clock: Any) -> None:
        self._by_url = {one.section["url"]: one for one in channels}
        self._clock = clock

    async def post(self, request: Request, *, trusted: bool) -> Answer:
        """What is answered."""
        status = self._by_url[request.url].status(self._clock())
        return Answer(status=status, phrase="", text="", retry_after=None)
