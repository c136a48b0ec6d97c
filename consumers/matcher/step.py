"""The matcher as a stage: form4.parsed to form4.alerts."""

import msgspec

from consumers.matcher.explain import explain
from consumers.matcher.headline import headline
from consumers.matcher.match import CompiledRule, RuleSet
from consumers.matcher.subject import Subject
from consumers.quarantine import decoded
from consumers.stage import Clock
from service.model.alert import Alert, alert_id
from service.model.fact import Fact
from service.model.parsed import ParsedFiling
from service.store import Transaction
from service.vitals import Vitals
from service.wire.topics import Event, Record, Topic, alert_event


class MatcherStep:
    """Makes one alert for each rule that a filing meets. History alerts nobody, but in a digest, if asked for."""

    group = "matcher"
    topic = Topic.PARSED

    def __init__(self, rules: RuleSet, clock: Clock, vitals: Vitals) -> None:
        self._rules = rules
        self._clock = clock
        self._vitals = vitals

    def read(self, record: Record) -> list[Event]:
        """The alerts' events; raises UnusableDocument if the record is no parsed filing."""
        parsed = decoded(record, ParsedFiling)
        if parsed.filing.history and parsed.filing.digest is None:
            return []
        now = self._clock()
        times = msgspec.structs.replace(parsed.filing.times, matched=now)
        if not parsed.filing.history:
            self._vitals.passed(times, "matched")
        subject = Subject.of(msgspec.structs.replace(parsed.filing, times=times), parsed.document)
        return [alert_event(alert_of(rule, subject, rows), now) for rule, rows in self._rules.matches(subject)]

    async def write(self, tx: Transaction, results: list[list[Event]]) -> None:
        """Emit the alerts."""
        for events in results:
            tx.emit(*events)


def alert_of(rule: CompiledRule, subject: Subject, rows: tuple[Fact, ...]) -> Alert:
    """The alert that *rule* gives for *rows* of *subject*."""
    document = subject.document
    cited = dict.fromkeys(number for fact in rows for ids in fact.transaction.footnotes.values() for number in ids)
    return Alert(
        id=alert_id(rule.rule.name, subject.filing.accession),
        rule=rule.rule.name,
        description=rule.rule.description,
        channels=rule.rule.channels,
        headline=headline(subject, rows),
        filing=subject.filing,
        issuer=document.issuer,
        owners=document.reporting_owners,
        amendment=document.is_amendment,
        plan_10b5_1=document.aff10b5_one,
        rows=rows,
        footnotes={number: document.footnotes[number] for number in cited if number in document.footnotes},
        remarks=document.remarks,
        flags=document.flags,
        explanation=explain(rule, subject, rows),
    )
