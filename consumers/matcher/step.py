"""The matcher as a stage: form4.parsed to form4.alerts."""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from consumers.matcher.explain import explain
from consumers.matcher.headline import headline
from consumers.matcher.match import CompiledRule
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.subject import Subject
from consumers.quarantine import decoded
from consumers.stage import Clock
from service.model.alert import Alert, alert_id
from service.model.fact import Fact
from service.model.filing import Accession
from service.model.identity import Revision
from service.model.parsed import ParsedFiling
from service.store import Transaction, matchings
from service.vitals import Vitals
from service.wire.topics import Event, Record, Topic, alert_event


class Matched(Struct, frozen=True, kw_only=True):
    """What came of a filing."""

    accession: Accession
    revision: Revision  # of the rules it was held against
    events: tuple[Event, ...]  # its alerts


class MatcherStep:
    """Makes one alert for each rule that a filing meets. History alerts nobody, but in a digest, if asked for.

    *rules* gives the rules as they stand; which ones a filing was held against is kept with it.
    """

    group = "matcher"
    topic = Topic.PARSED

    def __init__(self, rules: Callable[[], Rulebook], clock: Clock, vitals: Vitals) -> None:
        self._rules = rules
        self._clock = clock
        self._vitals = vitals

    def read(self, record: Record) -> Matched:
        """The alerts' events; raises UnusableDocument if the record is no parsed filing."""
        parsed = decoded(record, ParsedFiling)
        rulebook, now = self._rules(), self._clock()
        found = parsed.filing.provenance
        events: tuple[Event, ...] = ()
        if not found.history or found.digest is not None:
            times = msgspec.structs.replace(parsed.filing.times, matched=now)
            if not found.history:
                self._vitals.passed(times, "matched")
            subject = Subject.of(msgspec.structs.replace(parsed.filing, times=times), parsed.document)
            met = rulebook.rules.matches(subject)
            events = tuple(alert_event(alert_of(rule, subject, rows), now) for rule, rows in met)
        return Matched(accession=parsed.filing.accession, revision=rulebook.revision, events=events)

    async def write(self, tx: Transaction, results: list[Matched]) -> None:
        """Emit the alerts, and keep which rules each filing was held against."""
        await matchings.add(tx, [(one.accession, one.revision) for one in results], self._clock())
        for one in results:
            tx.emit(*one.events)


def alert_of(rule: CompiledRule, subject: Subject, rows: tuple[Fact, ...]) -> Alert:
    """The alert that *rule* gives for *rows* of *subject*."""
    document = subject.document
    cited = dict.fromkeys(number for fact in rows for ids in fact.transaction.footnotes.values() for number in ids)
    return Alert(
        id=alert_id(rule.rule.id, subject.filing.accession),
        workspace=rule.rule.workspace,
        rule_id=rule.rule.id,
        rule_revision=rule.rule.revision,
        rule=rule.rule.name,
        description=rule.rule.description,
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
