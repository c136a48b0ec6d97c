"""The matcher as a stage: form4.parsed to form4.alerts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain, islice, tee

import structlog
from msgspec import Struct
from msgspec.structs import replace

from consumers.matcher.alerts import Alerts
from consumers.matcher.amending import Met, PendingAmendment, look_up
from consumers.matcher.index.ruleset import RuleSet
from consumers.matcher.recalling import Place, Read, recalled
from consumers.matcher.retelling import of_trades
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.subject import Subject
from consumers.matcher.tape import line_of
from consumers.quarantine import decoded
from consumers.stage import Clock
from service.model.filing import Accession
from service.model.identity import RuleId
from service.model.parsed import ParsedFiling
from service.model.rule import Rule
from service.model.tape import TapeLine
from service.store import Database, Transaction, failures, history, matchings, tape
from service.store.failures import Failure
from service.store.horizon import Horizons
from service.store.matchings import NO_DAY, Matching
from service.text import one_line
from service.vitals import Vitals
from service.wire.topics import Event, Record, Topic

_DETAIL = 500  # characters of an exception that are kept
_PIECE = 50  # alerts that are made without a pause: some two milliseconds
AT_ONCE = 600  # alerts in a transaction; with 400, a filing that rings took a twentieth longer

_NOTHING: Mapping[Place, Read] = {}

log = structlog.get_logger()


class Matched(Struct, frozen=True, kw_only=True):
    """What came of a filing, or a part of that."""

    matching: Matching
    line: TapeLine | None  # of the tape; None: it could not be made
    parsed: ParsedFiling  # as the past has it
    events: tuple[Event, ...] = ()  # its alerts
    failures: tuple[Failure, ...] = ()  # the rules that could not be held against it
    more: Iterator[Event | Failure] | None = None  # what comes of it besides; None: that is all
    works: Callable[[RuleId], bool] = lambda _: False  # whether a rule was held against it, and did not fail
    amending: PendingAmendment | None = None  # it rings: what it amends is to be looked up before *more* is made

    @property
    def size(self) -> int:
        """How much it is, without what is not made yet."""
        return len(self.events) + len(self.failures)

    def made(self, made: Sequence[Event | Failure], more: Iterator[Event | Failure] | None) -> "Matched":
        """The part of it that is *made*, of which *more* will come."""
        return replace(
            self,
            events=tuple(one for one in made if isinstance(one, Event)),
            failures=tuple(one for one in made if isinstance(one, Failure)),
            more=more,
        )

    async def parts(self) -> AsyncIterator["Matched"]:
        """It in parts, each all that it is; the loop comes round between."""
        if self.more is None:
            yield self
            return
        yield replace(self, more=None)
        while made := list(islice(self.more, _PIECE)):
            yield self.made(made, None)
            await asyncio.sleep(0)


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
        self._horizons = Horizons()
        self._held: tuple[Rulebook, Mapping[Place, Read]] | None = None  # what the records of a batch go by

    async def recall(self, database: Database, records: Sequence[Record]) -> None:
        """Look up what was filed before, where a rule asks for it; the *records* are held against the same rules."""
        rulebook = self._rules()
        self._held = None
        if rulebook.rules.asks_past:
            found = await recalled(database, records, self._clock(), rulebook.rules, self._horizons)
            self._held = rulebook, found

    def read(self, record: Record) -> Matched:
        """The alerts' events; raises UnusableDocument if the record is no parsed filing."""
        rulebook, known = self._held or (self._rules(), _NOTHING)
        read = known.get((record.partition, record.offset)) or Read.of(decoded(record, ParsedFiling))
        parsed, subject, now = read.parsed, read.subject, self._clock()
        accession, found = parsed.filing.accession, parsed.filing.provenance
        past = subject.past
        matching = Matching(
            accession=accession,
            revision=rulebook.revision,
            at=now,
            times=None if found.history else parsed.filing.times,
            complete=None if past is None else past.complete or NO_DAY,
        )
        line = _line(subject, now)
        if found.history and found.digest is None:
            return Matched(matching=matching, line=line, parsed=parsed)
        if not found.history:
            self._vitals.passed(replace(parsed.filing.times, matched=now), "matched")
        whole = Matched(
            matching=matching, line=line, parsed=parsed, works=partial(rulebook.rules.works, subject=subject)
        )
        met = _met(rulebook.rules, subject)
        first = next(met, None)
        if first is None:
            return whole
        met, alerts = chain((first,), met), Alerts(subject.matched(now))
        if parsed.document.is_amendment:
            asked, told = tee(met)
            return replace(whole, amending=PendingAmendment(alerts, asked, parsed, now), more=_made(alerts, told, now))
        rest = _made(alerts, met, now)
        made = list(islice(rest, _PIECE))
        return whole.made(made, rest if len(made) == _PIECE else None)

    async def ahead(self, database: Database, results: list[Matched]) -> list[Matched]:
        """Write the first of *results*, if all together are too many for one transaction; returns those that are left.

        Alerts have ids that never come a second time: whatever stops this, the batch comes again, and what is missing.
        """
        await look_up(database, [(one.parsed, one.events, one.amending) for one in results], self._clock())
        left, count = list[Matched](), 0
        for one in results:
            async for part in one.parts():
                if count + part.size > AT_ONCE:
                    async with database.transaction() as tx:
                        await self.write(tx, left)
                    left, count = [], 0
                left.append(part)
                count += part.size
        return left

    async def write(self, tx: Transaction, results: list[Matched]) -> None:
        """Emit the alerts, and keep which rules each filing was held against and which of them failed."""
        now = self._clock()
        await matchings.add(tx, [one.matching for one in results])
        await tape.add(tx, [one.line for one in results if one.line is not None])
        await history.add(tx, [one.parsed for one in results], now)
        rung, alerts = list[tuple[TapeLine, str]](), list[Event]()
        ringing = list[ParsedFiling]()
        standing = await failures.standing(tx)
        for one in results:
            rest = () if one.more is None else tuple(one.more)
            events = [*one.events, *(made for made in rest if isinstance(made, Event))]
            if events:
                alerts += events
                ringing.append(one.parsed)
            if one.line is not None:
                rung += [(one.line, workspace) for workspace in {event.headers["ce_workspace"] for event in events}]
            failed = [*one.failures, *(made for made in rest if isinstance(made, Failure))]
            worked = {rule for rule in standing - {failure.rule for failure in failed} if one.works(rule)}
            if worked:
                await failures.over(tx, worked)
                standing -= worked
            if failed:
                await failures.add(tx, failed, now)
                standing |= {failure.rule for failure in failed}
                self._vitals.rules_failed(len(failed))
        tx.emit(*await of_trades(tx, alerts, [history.past_of(one, now) for one in ringing]))
        await tape.ring(tx, rung)


def _met(rules: RuleSet, subject: Subject) -> Iterator[Met | Failure]:
    """What each of the *rules* that *subject* meets finds in it."""
    for rule in rules.candidates(subject):
        try:
            rows = rule.matches(subject)
        except Exception as error:
            yield _failure(rule.rule, subject.filing.accession, error)
        else:
            if rows is not None:
                yield Met(rule, rows)


def _made(alerts: Alerts, met: Iterable[Met | Failure], at: datetime) -> Iterator[Event | Failure]:
    """The alerts for what is *met*."""
    for one in met:
        if isinstance(one, Failure):
            yield one
            continue
        try:
            yield alerts.event(one.rule, one.rows, at)
        except Exception as error:
            yield _failure(one.rule.rule, alerts.accession, error)


def _line(subject: Subject, at: datetime) -> TapeLine | None:
    """The line of *subject*; no fault in it may keep an alert from anybody."""
    try:
        return line_of(subject, at)
    except Exception:
        log.exception("line_failed", accession=subject.filing.accession)
        return None


def _failure(rule: Rule, accession: Accession, error: Exception) -> Failure:
    """What is kept of a rule that failed."""
    detail = one_line(f"{type(error).__name__}: {error}")[:_DETAIL]
    log.warning("rule_failed", rule=rule.name, id=rule.id, revision=rule.revision, detail=detail, exc_info=error)
    return Failure(rule=rule.id, revision=rule.revision, accession=accession, detail=detail)
