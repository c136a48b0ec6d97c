"""A ticker of a watchlist has become another company's: the watchlist goes on with the one it had."""

from itertools import groupby

from service.model.notice import NoticeKind
from service.store import moved, resources
from service.store.moved import MovedTicker
from service.text import one_line
from service.watch.check import Check, always
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.owed import option_of

_NAMED = 5  # watchlists of one workspace


async def _find(look: Look) -> list[Condition]:
    every = await moved.every(look.database)
    names = await resources.names(look.database, {one.watchlist for one in every}) if every else {}
    ordered = sorted(every, key=_subject)
    return [await _condition(look, list(ones), names) for _, ones in groupby(ordered, key=_subject)]


def _subject(one: MovedTicker) -> str:
    return f"{one.workspace}/{one.ticker}/{one.before.cik}/{one.after.cik}"


async def _condition(look: Look, ones: list[MovedTicker], names: dict[str, str]) -> Condition:
    first, option = ones[0], await option_of(look, ones[0].workspace)
    before, after, ticker = first.before, first.after, first.ticker
    more = f"And {len(ones) - _NAMED} more watchlists: filingbell watchlists check{option}"
    accept = [
        f"To follow the ticker: filingbell watchlists accept {names.get(one.watchlist, one.watchlist)} {ticker}{option}"
        for one in ones[:_NAMED]
    ]
    return Condition(
        kind=NoticeKind.MOVED,
        subject=_subject(first),
        workspace=first.workspace,
        since=min(one.found for one in ones),
        headline=f"The ticker {ticker} is another company's now: {one_line(after.name)} (CIK {int(after.cik)})",
        lines=(
            f"Your watchlists still mean {one_line(before.name)} (CIK {int(before.cik)}) by it.",
            *accept,
            *((more,) if len(ones) > _NAMED else ()),
            f"To stay with {one_line(before.name)}: write ciks: [{int(before.cik)}] in place of the ticker",
        ),
        severity=Severity.WARNING,
    )


def _over(subject: str, span: str) -> str:
    ticker = subject.split("/")[1]
    return f"what the ticker {ticker} stands for was accepted, or is not watched any more (was open {span})"


CHECK = Check(
    kind=NoticeKind.MOVED,
    when=(
        "a ticker of a watchlist has become another company's; the watchlist goes on with the one it had "
        "([watchlists.md](watchlists.md))"
    ),
    says="both companies",
    act="`filingbell watchlists accept`, or name the CIK",
    find=_find,
    ended=always(_over),
)
