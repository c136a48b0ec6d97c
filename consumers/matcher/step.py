"""The matcher as a stage: form4.parsed to form4.alerts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import msgspec
import structlog

from consumers.matcher.explain import explain
from consumers.matcher.facts.told import facts_told, with_facts
from consumers.matcher.headline import headline
from consumers.matcher.match import CompiledRule
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.subject import Subject
from consumers.quarantine import decoded
from consumers.stage import Clock
from service.model.alert import Alert, alert_id
from service.model.fact import Fact
from service.model.filing import Accession
from service.model.flag import Flag
from service.model.identity import RuleId
from service.model.parsed import ParsedFiling
from service.model.rule import Rule
from service.store import Transaction, failures, matchings
from service.store.failures import Failure
from service.store.matchings import Matching
from service.text import one_line
from service.vitals import Vitals
from service.wire.topics import Event, Record, Topic, alert_event

_DETAIL = 500  # characters of an exception that are kept

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What came of a filing."""

    matching: Matching
    works: Callable[[RuleId], bool] = lambda _: False  # whether a rule was held against it, and did not fail
    events: tuple[Event, ...] = ()  # its alerts
    failures: tuple[Failure, ...] = ()  # the rules that could not be held against it


class MatcherStep:
    """Makes one alert for each rule that a filing meets. History alerts nobody, but in a digest, if asked for.

    *rules* gives the rules as they stand; which ones a filing was held against is kept with it. A rule that fails on a
    filing hurts itself alone: that is kept as what came of it, and the other rules' alerts come.
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
        accession, found = parsed.filing.accession, parsed.filing.provenance
        before = None if found.history else parsed.filing.times
        matching = Matching(accession=accession, revision=rulebook.revision, at=now, times=before)
        if found.history and found.digest is None:
            return Matched(matching=matching)
        times = msgspec.structs.replace(parsed.filing.times, matched=now)
        if not found.history:
            self._vitals.passed(times, "matched")
        subject = Subject.of(msgspec.structs.replace(parsed.filing, times=times), parsed.document)
        events, failed = list[Event](), list[Failure]()
        for rule in rulebook.rules.candidates(subject):
            try:
                rows = rule.matches(subject)
                if rows is not None:
                    events.append(alert_event(alert_of(rule, subject, rows), now))
            except Exception as error:
                failed.append(_failure(rule.rule, accession, error))
        return Matched(
            matching=matching,
            works=partial(rulebook.rules.works, subject=subject),
            events=tuple(events),
            failures=tuple(failed),
        )

    async def write(self, tx: Transaction, results: list[Matched]) -> None:
        """Emit the alerts, and keep which rules each filing was held against and which of them failed."""
        now = self._clock()
        await matchings.add(tx, [one.matching for one in results])
        standing = await failures.standing(tx)
        for one in results:
            tx.emit(*one.events)
            failed = {failure.rule for failure in one.failures}
            worked = {rule for rule in standing - failed if one.works(rule)}
            if worked:
                await failures.over(tx, worked)
                standing -= worked
            if failed:
                await failures.add(tx, one.failures, now)
                standing |= failed
                self._vitals.rules_failed(len(failed))


def _failure(rule: Rule, accession: Accession, error: Exception) -> Failure:
    """What is kept of a rule that failed."""
    detail = one_line(f"{type(error).__name__}: {error}")[:_DETAIL]
    log.warning("rule_failed", rule=rule.name, id=rule.id, revision=rule.revision, detail=detail, exc_info=error)
    return Failure(rule=rule.id, revision=rule.revision, accession=accession, detail=detail)


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
        rows=with_facts(subject, rows),
        footnotes={number: document.footnotes[number] for number in cited if number in document.footnotes},
        remarks=document.remarks,
        flags=_flags(subject, rows),
        explanation=explain(rule, subject, rows),
        facts=facts_told(subject),
        priority=rule.rule.priority,
    )


def _flags(subject: Subject, rows: tuple[Fact, ...]) -> tuple[Flag, ...]:
    """What is odd in the filing as a whole, and in *rows*; each oddity of a row once."""
    flags = subject.document.flags
    told = {(flag.code, flag.where) for flag in flags}
    return (*flags, *(flag for fact in rows for flag in fact.flags if (flag.code, flag.where) not in told))
