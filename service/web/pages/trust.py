"""Whether anything is missing, and whether anything is wrong."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from consumers.dispatcher.quiet import hours_of
from service.control import dead_letters, notices, operations, resources, sampling
from service.control.completeness import SpanAccount
from service.control.dead_letters import Again
from service.control.operations import NamedChannel
from service.model import calendar
from service.model.delivery import DeliveryState, Reason
from service.model.errors import Faulty
from service.model.person import Scope
from service.model.resource import ResourceKind
from service.store.attempts import Attempt
from service.store.letters import KeptLetter, LetterState, WhichLetters
from service.watch.condition import Condition, Severity
from service.web.pages import heatmap, strips, told
from service.web.pages.page import Look, Moved, Page, Shown

FILINGS = 1000  # the latest, whose latency is shown
_LETTERS = 20
_NOTICES = 10


class Proof(Struct, frozen=True, kw_only=True):
    """Whether anything is missing of the year that is shown."""

    compared: int  # days, of which nothing is missing
    open: int  # days that are not proven, or should have been compared
    indexed: int  # filings that the indexes list
    recovered: int  # of these, which the feed missed
    missing: int
    last: date | None  # the latest day that is proven; None: there is none


class OperationsTried(Struct, frozen=True, kw_only=True):
    """What came of a sample to a channel for operations."""

    channel: NamedChannel
    taken: bool
    reason: str
    answer: str
    advice: str


def proof(account: SpanAccount) -> Proof:
    """What *account* comes to."""
    records = account.records
    proven = [record.day for record in records if record.is_complete]
    overdue = set(account.late).union(record.day for record in records if record.looks and not record.is_complete)
    return Proof(
        compared=len(proven),
        open=len(overdue),
        indexed=sum(record.indexed for record in records),
        recovered=sum(record.recovered for record in records),
        missing=sum(record.missing for record in records),
        last=max(proven, default=None),
    )


async def trust(look: Look) -> Shown:
    """The year until today, what is wrong, how long filings take, what was asked of the SEC, and dead letters."""
    return await _shown(look)


async def choose(look: Look) -> Moved:
    """Tell the channels that were ticked of the service itself."""
    context, form = look.context, look.form
    chosen = form.all("channels")
    now = context.clock.now()
    after = await operations.choose(context.database, look.who.actor, chosen, now, expected=form.revision)
    names = ", ".join(one.name for one in after.channels)
    return Moved(to="/trust#told", said=f"Notices go to {names}." if names else "Notices go to nobody.")


async def test(look: Look) -> Shown:
    """Send each of them a sample, and say what came of it."""
    context = look.context
    sent = await sampling.send_to_operations(
        context.database, context.vault, context.settings, look.who.workspace, context.clock
    )
    return await _shown(look, [_tried(one, attempt) for one, _, attempt in sent])


def _tried(channel: NamedChannel, attempt: Attempt) -> OperationsTried:
    reason = Reason(attempt.reason or Reason.RECEIVED)
    return OperationsTried(
        channel=channel,
        taken=attempt.state is DeliveryState.DELIVERED,
        reason=told.reason(reason),
        answer=attempt.detail,
        advice=sampling.ADVICE[reason],
    )


async def _shown(look: Look, tests: Sequence[OperationsTried] = ()) -> Shown:
    context, who = look.context, look.who
    looks = context.looks
    today = calendar.eastern_day(context.clock.now())
    account = await looks.account(heatmap.first_of(today), today)
    found = await looks.conditions()
    whole = Scope.INSTANCE in who.scopes
    seen = WhichLetters(states=(LetterState.OPEN,), stages=dead_letters.stages_for(who.scopes))
    latest = await notices.latest(context.database, who.workspace, _NOTICES)
    return Shown(
        template="trust.html",
        values={
            "proof": proof(account),
            "conditions": sorted((one for one in found if one.workspace in (None, who.workspace)), key=_critical_first),
            "account": account,
            "halves": heatmap.halves(account.records, account.late, today),
            "months": heatmap.months(account.records, account.late),
            "strips": strips.strips(await looks.latency(FILINGS)),
            "ticks": strips.ticks(),
            "service": await looks.overview(),
            "letters": await dead_letters.page(context.database, seen, _LETTERS),
            "told": [(one, notices.event(one)) for one in latest],
            "operations": await operations.find(context.database, who.workspace),
            "channels": await _choices(look),
            "tests": tests,
            "processes": await looks.processes() if whole else (),
            "whole": whole,
        },
    )


async def _choices(look: Look) -> list[tuple[str, str]]:
    """The channels that can be told: id and label."""
    found = await resources.of_kind(look.context.database, look.who.workspace, ResourceKind.CHANNEL)
    return [(one.id, f"{one.name}, quiet {hours}" if (hours := hours_of(one)) else one.name) for one in found]


async def retry(look: Look) -> Moved:
    """Try to use it again; raises Faulty where it is as unusable as before."""
    context = look.context
    kept = await dead_letters.one(context.database, look.path["letter"])
    why = await Again(context.database, context.settings, context.clock.now, look.who.actor).retry(kept)
    if why is not None:
        raise Faulty(f"{_named(kept)} is still unusable: {why}", ())
    return Moved(to="/trust", said=f"{_named(kept)} was tried again, and could be used.")


async def drop(look: Look) -> Moved:
    """Put it aside for good."""
    kept = await dead_letters.one(look.context.database, look.path["letter"])
    await dead_letters.drop(look.context.database, [kept], look.asked)
    return Moved(to="/trust", said=f"{_named(kept)} is dropped.")


def _named(kept: KeptLetter) -> str:
    return kept.letter.accession or f"Dead letter {kept.id}"


def _critical_first(one: Condition) -> bool:
    return one.severity is not Severity.CRITICAL


_LETTER = "/trust/dead-letters/{letter}"

PAGES = (
    Page(method="GET", path="/trust", name="trust", title="Trust", scope=Scope.READ, handler=trust),
    Page(
        method="POST",
        path="/trust/operations",
        name="operations_chosen",
        title="Trust",
        scope=Scope.WRITE,
        handler=choose,
        again=trust,
    ),
    Page(
        method="POST",
        path="/trust/operations/test",
        name="operations_tested",
        title="Trust",
        scope=Scope.WRITE,
        handler=test,
        again=trust,
    ),
    Page(
        method="POST",
        path=f"{_LETTER}/retry",
        name="letter_retried",
        title="Trust",
        scope=Scope.INSTANCE,
        handler=retry,
        again=trust,
    ),
    Page(
        method="POST",
        path=f"{_LETTER}/drop",
        name="letter_dropped",
        title="Trust",
        scope=Scope.INSTANCE,
        handler=drop,
        again=trust,
    ),
)
