"""The alerts of one filing, made one after the other: the rules that it meets may be very many."""

from collections.abc import Collection
from datetime import datetime

from msgspec.structs import replace

from consumers.matcher.explain import Told, explain
from consumers.matcher.facts.told import facts_told, with_facts
from consumers.matcher.headline import headline
from consumers.matcher.match import CompiledCondition, CompiledRule, Rows
from consumers.matcher.subject import Subject
from service.model.alert import Alert, Explanation, alert_id
from service.model.amendment import Amends
from service.model.filing import Accession
from service.model.flag import Flag
from service.model.identity import RuleId
from service.model.trade import trade_id
from service.wire.topics import Event, alert_event


def alert_of(rule: CompiledRule, subject: Subject, rows: Rows) -> Alert:
    """The alert that *rule* gives for *rows* of *subject*."""
    return Alerts(subject).of(rule, rows)


class Alerts:
    """Makes alerts of *subject*. What several have in common, by their rows or by their condition, is made once."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._amends: Amends | None = None
        self._made: Collection[str] = ()
        self._like: dict[tuple[int, ...], Alert] = {}
        self._events: dict[tuple[int, ...], Event] = {}  # the first by these rows
        self._explained: tuple[CompiledCondition, Explanation] | None = None  # the last one: equal rules come together
        self._told: Told = {}

    @property
    def accession(self) -> Accession:
        """The filing."""
        return self._subject.filing.accession

    def amending(self, amends: Amends, made: Collection[str]) -> None:
        """Tell in each what *amends* tells; *made*: the ids of earlier alerts, which may be the same rules'."""
        self._amends, self._made = amends, made

    def event(self, rule: CompiledRule, rows: Rows, at: datetime) -> Event:
        """The event of the alert that *rule* gives for *rows*."""
        which = tuple(map(id, rows))
        event = alert_event(self.of(rule, rows), at, self._events.get(which))
        self._events.setdefault(which, event)
        return event

    def of(self, rule: CompiledRule, rows: Rows) -> Alert:
        """The alert that *rule* gives for *rows*."""
        which = tuple(map(id, rows))
        like = self._like.get(which)
        if like is None:
            self._like[which] = like = self._first(rule, rows)
            return like
        asked = rule.rule
        return replace(
            like,
            id=alert_id(asked.id, self._subject.filing.accession),
            workspace=asked.workspace,
            rule_id=asked.id,
            rule_revision=asked.revision,
            rule=asked.name,
            description=asked.description,
            priority=asked.priority,
            explanation=self._explanation(rule, rows),
            follows=self._follows(asked.id),
        )

    def _follows(self, rule: RuleId) -> str | None:
        if self._amends is None:
            return None
        return next((one for one in earlier(rule, self._amends) if one in self._made), None)

    def _explanation(self, rule: CompiledRule, rows: Rows) -> Explanation:
        if self._explained is None or self._explained[0] is not rule.condition:
            self._explained = rule.condition, explain(rule, self._subject, rows, self._told)
        return replace(self._explained[1], rule=rule.rule.name)

    def _first(self, rule: CompiledRule, rows: Rows) -> Alert:
        subject, document = self._subject, self._subject.document
        cited = dict.fromkeys(number for fact in rows for ids in fact.transaction.footnotes.values() for number in ids)
        return Alert(
            id=alert_id(rule.rule.id, subject.filing.accession),
            workspace=rule.rule.workspace,
            rule_id=rule.rule.id,
            rule_revision=rule.rule.revision,
            rule=rule.rule.name,
            description=rule.rule.description,
            headline=headline(subject, rows, self._amends),
            filing=subject.filing,
            issuer=document.issuer,
            owners=document.reporting_owners,
            amendment=document.is_amendment,
            trade_id=trade_id(subject.filing.accession),
            plan_10b5_1=document.aff10b5_one,
            rows=with_facts(subject, rows),
            footnotes={number: document.footnotes[number] for number in cited if number in document.footnotes},
            remarks=document.remarks,
            flags=flags_of(subject, rows),
            explanation=self._explanation(rule, rows),
            facts=facts_told(subject),
            priority=rule.rule.priority,
            amends=self._amends,
            follows=self._follows(rule.rule.id),
        )


def earlier(rule: RuleId, amends: Amends) -> list[str]:
    """The ids that alerts by *rule* on what is amended have, if it made them: the first of the chain first."""
    return [alert_id(rule, one) for one in (amends.original, amends.accession) if one is not None]


def flags_of(subject: Subject, rows: Rows) -> tuple[Flag, ...]:
    """What is odd in the filing as a whole, and in *rows*; each oddity of a row once."""
    flags = subject.document.flags
    told = {(flag.code, flag.where) for flag in flags}
    return (*flags, *(flag for fact in rows for flag in fact.flags if (flag.code, flag.where) not in told))
