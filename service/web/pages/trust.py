"""Whether anything is missing, and whether anything is wrong."""

from datetime import date

from msgspec import Struct

from service.control import dead_letters, notices
from service.control.completeness import SpanAccount
from service.control.dead_letters import Again
from service.model import calendar
from service.model.errors import Faulty
from service.model.person import Scope
from service.store.letters import KeptLetter, LetterState, WhichLetters
from service.watch.condition import Condition, Severity
from service.web.pages import heatmap, strips
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
    context, who = look.context, look.who
    looks = context.looks
    today = calendar.eastern_day(context.clock.now())
    account = await looks.account(heatmap.first_of(today), today)
    found = await looks.conditions()
    whole = Scope.INSTANCE in who.scopes
    seen = WhichLetters(states=(LetterState.OPEN,), stages=dead_letters.stages_for(who.scopes))
    told = await notices.latest(context.database, who.workspace, _NOTICES)
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
            "told": [(one, notices.event(one)) for one in told],
            "told_to": await notices.channels(context.database, who.workspace),
            "processes": await looks.processes() if whole else (),
            "whole": whole,
        },
    )


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
