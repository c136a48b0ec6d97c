"""Why an alert came, or did not: read from what happened, never from today's rules."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from consumers.matcher.explain import explain
from consumers.matcher.match import CompiledRule
from consumers.matcher.necessary import asks_past, days_around
from consumers.matcher.recalling import before
from consumers.matcher.rulebook import rules_of
from consumers.matcher.subject import Subject
from service.control import documents
from service.model.alert import Explanation, alert_id
from service.model.delivery import DeliveryState as Delivered
from service.model.errors import NotFound
from service.model.fact import Verdict
from service.model.filing import Accession
from service.model.identity import Revision, RuleId, WorkspaceId
from service.model.resource import Resource, ResourceKind
from service.model.rule import Rule
from service.store import Database, digests, events, failures, filings, ledger, letters, matchings, resources
from service.store.ledger import Chosen, Delivery


class End(StrEnum):
    """Where the way of a filing under one rule, to one channel, has ended so far."""

    PENDING = "not-published"  # EDGAR has not served the document yet
    DEAD_LETTER = "dead-letter"  # it, or what was made of it, could not be used
    UNMATCHED = "not-matched"  # no matcher has read it yet
    HISTORY = "history"  # published for the record: rules are not held against it
    YOUNGER = "rule-younger"  # the rule was made after the filing was matched
    RULE_DISABLED = "rule-disabled"
    RULE_FAILED = "rule-failed"  # a fault in it, or in the matcher: it hurt no other rule
    RULE_UNREADABLE = "rule-unreadable"  # this version cannot read it: it was left out
    NOT_MET = "not-met"
    UNKNOWN = "unknown"  # a box that decides states only a footnote, or nothing
    FORGOTTEN = "forgotten"  # longer ago than the database keeps what would tell
    MADE = "alert-made"  # no dispatcher has read the alert yet
    NOT_OWED = "not-owed"  # the channel is not one of the rule's
    SENT = "sent"
    WAITING = "waiting"
    CIRCUIT_OPEN = "circuit-open"  # it waits while most requests to the channel fail, and probes alone are sent
    QUIET = "quiet-hours"  # held until the channel's quiet hours end
    GATHERED = "digest"  # held until the channel's next digest
    BEYOND = "maximum-an-hour"  # held for a digest: beyond the most that its rule or channel tells in an hour
    HELD = "held"  # it waits to be told together with others, in a digest
    TOLD_TOGETHER = "told-together"  # in a digest
    SUPPRESSED = "suppressed"  # the channel is not told, for a reason that stands on the delivery
    CHANNEL_DISABLED = "channel-disabled"  # it waits until the channel is enabled, or there again
    DEAD = "dead"  # given up; `deliveries resend` brings it back


class RuleWay(Struct, frozen=True, kw_only=True):
    """One rule and one channel, and where it ended."""

    rule: str
    rule_id: RuleId
    rule_revision: Revision | None  # as of which the filing was held against it; None: it was not
    channel: str | None  # None: it did not come as far as a channel
    end: End
    explanation: Explanation | None = None  # of the rule as it stood; None: it was not held against the filing
    delivery: Delivery | None = None
    detail: str | None = None  # how the rule failed; None: it did not


class FilingAccount(Struct, frozen=True, kw_only=True):
    """What became of a filing for one workspace."""

    accession: Accession
    matched: datetime | None
    revision: Revision | None  # of all rules, when it was matched
    ways: tuple[RuleWay, ...]


async def why(
    database: Database,
    workspace: WorkspaceId,
    accession: Accession,
    *,
    rule: str | None = None,
    channel: str | None = None,
) -> FilingAccount:
    """What became of *accession*, for each rule and channel of *workspace* (or those named, by name or id).

    The rules are taken as they stood when the filing was matched, and held against the filing as it was parsed: the
    matcher is a pure function of the two. Raises NotFound where the filing, rule or channel was never seen.
    """
    _, today = await resources.every(database, workspace)
    held = await matchings.of(database, accession)
    then = await resources.as_of(database, workspace, held[0]) if held else []
    rules = _chosen(today, then, ResourceKind.RULE, rule)
    channels = {one.id: one for one in _chosen(today, then, ResourceKind.CHANNEL, channel)}
    if held is None:
        end = await _before_matching(database, accession)
        ways = [_way(one, end) for one in rules]
        return FilingAccount(accession=accession, matched=None, revision=None, ways=tuple(ways))
    revision, at = held
    rules_then = rules_of(then)
    subject = await subject_of(database, accession, rules_then, at)
    owed = await ledger.listed(database, Chosen(accessions=(accession,)), _EVERY)
    collected, failed = await digests.waiting(database, accession), await failures.of(database, accession)
    read = {one.id: CompiledRule.of(one) for one in rules_then}
    found = _Found(accession, then, read, subject, owed, collected, channels)
    ways = [way for one in rules for way in found.ways(one, failed.get(RuleId(one.id)), named=channel is not None)]
    return FilingAccount(accession=accession, matched=at, revision=revision, ways=tuple(ways))


_AT_SOME_TIME = datetime.min.replace(tzinfo=UTC)  # after the filing was matched
_EVERY = 100_000  # deliveries of one filing: more than there are


async def _before_matching(database: Database, accession: Accession) -> End:
    state = await filings.state(database, accession)
    if state is None:
        raise await documents.absent(database, accession)
    if await letters.find(database, accession):
        return End.DEAD_LETTER
    ids = (f"filing-{accession}", f"parsed-{accession}")
    if state is filings.FilingState.PUBLISHED and not await events.known(database, ids):
        return End.FORGOTTEN
    return {filings.FilingState.PENDING: End.PENDING, filings.FilingState.DEAD: End.DEAD_LETTER}.get(
        state, End.UNMATCHED
    )


async def subject_of(database: Database, accession: Accession, rules: Iterable[Rule], at: datetime) -> Subject | None:
    """The filing as it was parsed; None: it was not, or longer ago than the database keeps it.

    Where one of *rules* asks what was filed before, with what was known of that *at* the time; how far back that was
    whole is what the matcher found then, if it looked.
    """
    parsed = await documents.find(database, accession)
    if parsed is None:
        return None
    asking = [rule.condition for rule in rules if asks_past(rule.condition)]
    days = max(map(days_around, asking), default=0)
    if not asking:
        return Subject.of(parsed.filing, parsed.document)
    known = (await before(database, [parsed], at, days=days))[accession]
    complete = await matchings.complete_of(database, accession)
    if complete is not None:
        known = replace(known, complete=None if complete == matchings.NO_DAY else complete)
    return Subject.of(parsed.filing, parsed.document, known)


def _chosen(
    today: Sequence[Resource], then: Sequence[Resource], kind: ResourceKind, named: str | None
) -> list[Resource]:
    """Those of *kind* that are there today or were *then*, or the one that is *named*; as they are today."""
    now = {one.id: one for one in today if one.kind is kind}
    gone = {one.id: replace(one, removed=_AT_SOME_TIME) for one in then if one.kind is kind and one.id not in now}
    every = now | gone
    found = [one for one in every.values() if named is None or named in (one.name, one.id)]
    if named is not None and not found:
        raise NotFound(f"there is no {kind} {named!r}, and there was none when the filing was matched")
    return sorted(found, key=lambda one: one.name)


@dataclass(frozen=True, slots=True)
class _Found:
    """What became of a filing that was matched."""

    accession: Accession
    then: Sequence[Resource]
    rules: Mapping[RuleId, CompiledRule]  # those of them that this version can read
    subject: Subject | None  # None: longer ago than the database keeps it
    owed: Iterable[Delivery]
    collected: Collection[tuple[str, str]]
    channels: Mapping[str, Resource]

    def ways(self, rule: Resource, failure: str | None, *, named: bool) -> list[RuleWay]:
        """The ways under *rule*; with channels that are *named*, also to those that are not the rule's."""
        stood = next((one for one in self.then if one.id == rule.id), None)
        if stood is None:
            return [_way(rule, End.YOUNGER)]
        if not stood.enabled:
            return [_way(stood, End.RULE_DISABLED)]
        alert = alert_id(RuleId(rule.id), self.accession)
        sent = {one.channel: one for one in self.owed if one.id == alert}
        if failure is not None and not sent:  # it may have been held against the filing again, and have worked
            return [_way(stood, End.RULE_FAILED, detail=failure)]
        end, explanation = self._held(stood)
        if end is not None and not (end is End.FORGOTTEN and sent):
            return [_way(stood, end, explanation=explanation)]
        told = [one for one in dict.fromkeys((*stood.section["channels"], *sent)) if one in self.channels]
        ways = [
            _on_its_way(stood, self.channels[one], sent.get(one), explanation, collected=(alert, one) in self.collected)
            for one in told
        ]
        others = [one for one in self.channels.values() if named and one.id not in told]
        return ways + [_way(stood, End.NOT_OWED, channel=one.name, explanation=explanation) for one in others]

    def _held(self, rule: Resource) -> tuple[End | None, Explanation | None]:
        """Why the filing gave no alert under *rule* (None: it did), and how it fared."""
        if self.subject is None:
            return End.FORGOTTEN, None
        found = self.subject.filing.provenance
        if found.history and found.digest is None:
            return End.HISTORY, None
        held = self.rules.get(RuleId(rule.id))
        if held is None:
            return End.RULE_UNREADABLE, None
        explanation = explain(held, self.subject)
        if held.matches(self.subject) is not None:
            return None, explanation
        return End.UNKNOWN if explanation.verdict is Verdict.UNKNOWN else End.NOT_MET, explanation


def _on_its_way(
    rule: Resource, channel: Resource, delivery: Delivery | None, explanation: Explanation | None, *, collected: bool
) -> RuleWay:
    if delivery is None:
        end = End.HELD if collected else End.MADE
    elif delivery.state is Delivered.SUPPRESSED:
        end = End.SUPPRESSED
    elif delivery.state is Delivered.PENDING and delivery.told_in is not None:
        end = End.HELD
    elif delivery.state is Delivered.PENDING:
        waits = End.WAITING if delivery.circuit is None else End.CIRCUIT_OPEN
        waits = waits if delivery.held_until is None else End.QUIET
        gathered = End.GATHERED if delivery.beyond is None else End.BEYOND
        waits = gathered if delivery.gathered else waits
        end = waits if channel.enabled and channel.removed is None else End.CHANNEL_DISABLED
    elif delivery.state is Delivered.DELIVERED:
        end = End.SENT if delivery.told_in is None else End.TOLD_TOGETHER
    else:
        end = End.DEAD
    return _way(rule, end, channel=channel.name, explanation=explanation, delivery=delivery)


def _way(
    rule: Resource,
    end: End,
    *,
    channel: str | None = None,
    explanation: Explanation | None = None,
    delivery: Delivery | None = None,
    detail: str | None = None,
) -> RuleWay:
    return RuleWay(
        rule=rule.name,
        rule_id=RuleId(rule.id),
        rule_revision=rule.revision if explanation or detail else None,
        channel=channel,
        end=end,
        explanation=explanation,
        delivery=delivery,
        detail=detail,
    )
