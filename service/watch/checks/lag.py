"""A stage or the relay falls behind and does not catch up, or EDGAR does not serve the documents that it lists."""

from datetime import timedelta

from service.model.notice import NoticeKind
from service.store import filings
from service.watch.check import Check, always
from service.watch.condition import Condition, Severity, still
from service.watch.look import Look
from service.watch.noted import lagging
from service.words import counted, eastern

_STANDSTILL = timedelta(minutes=5)  # in which a lag never comes down
_DOCUMENTS = "documents"
_UNSERVED = timedelta(hours=1)  # a listed document can answer 404 for a while


async def _find(look: Look) -> list[Condition]:
    return [*await _behind(look), *await _unserved(look)]


async def _behind(look: Look) -> list[Condition]:
    known, behind = await look.marks(), await look.behind()
    if behind.unavailable is not None:  # they are as they were, as far as anybody knows
        told = [one for one in await look.standing() if one.kind is NoticeKind.LAG and one.subject != _DOCUMENTS]
        return [still(one, Severity.CRITICAL) for one in told]
    return [
        Condition(
            kind=NoticeKind.LAG,
            subject=group,
            since=since,
            headline=f"{group} is {counted(count, 'record')} behind and does not catch up",
            lines=("Does it run? See its log; a stage stops on purpose when nearly everything is unusable.",),
            severity=Severity.CRITICAL,
        )
        for group, count in behind.counts.items()
        if count and (since := known.get(lagging(group))) and look.now - since >= _STANDSTILL
    ]


async def _unserved(look: Look) -> list[Condition]:
    oldest = await filings.oldest_pending(look.database)
    if oldest is None or look.now - oldest <= _UNSERVED:
        return []
    return [
        Condition(
            kind=NoticeKind.LAG,
            subject=_DOCUMENTS,
            since=oldest,
            headline="EDGAR lists filings but does not serve their documents",
            lines=(f"The oldest has been waited for since {eastern(oldest)}: filingbell status",),
            severity=Severity.CRITICAL,
        )
    ]


def _ended(subject: str, span: str) -> str:
    if subject == _DOCUMENTS:
        return f"EDGAR serves the documents that it lists again (did not {span})"
    return f"{subject} has caught up (was behind {span})"


CHECK = Check(
    kind=NoticeKind.LAG,
    when=(
        "a stage or the relay is behind and has not caught up for five minutes, or EDGAR has not served for "
        "an hour what it lists"
    ),
    says="which stage, how many records",
    act="see that the stage runs, and its log",
    find=_find,
    ended=always(_ended),
)
