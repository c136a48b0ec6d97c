"""Filings could not be used, and nobody has seen to them: alerts on them may be missing."""

from service.model.errors import UnusableReason
from service.model.notice import NoticeKind
from service.store import letters
from service.store.letters import KeptLetter
from service.text import one_line
from service.watch.check import Check, always
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.words import counted, eastern

_STAGES = ("parser", "matcher")
_ORDINARY = (UnusableReason.NO_OWNERSHIP_XML,)  # filed on paper: there is nothing to read
_NAMED = 5


async def _find(look: Look) -> list[Condition]:
    count, since = await letters.still_open(look.database, _STAGES, _ORDINARY)
    if not count:
        return []
    latest = await letters.latest(look.database, _STAGES, _ORDINARY, _NAMED)
    return [
        Condition(
            kind=NoticeKind.UNUSABLE,
            subject="filings",
            since=since,
            headline=f"{counted(count, 'filing')} could not be used: alerts may be missing",
            lines=(
                *map(_told, latest),
                *((f"And {count - len(latest)} more: filingbell dlq list",) if count > len(latest) else ()),
                "To see one whole: filingbell dlq show ACCESSION. Once the cause is fixed: filingbell dlq retry",
                "If nobody needs them: filingbell dlq drop ACCESSION",
            ),
            severity=Severity.CRITICAL,
        )
    ]


def _told(one: KeptLetter) -> str:
    letter = one.letter
    return f"{letter.accession or one.id}, since {eastern(letter.died)}: {one_line(letter.message)}"


def _over(_: str, span: str) -> str:
    return f"the filings that could not be used were read, or dropped ({span})"


CHECK = Check(
    kind=NoticeKind.UNUSABLE,
    when=(
        "filings could not be read or matched, so that alerts may be missing, and nobody has retried or "
        "dropped them; filings on paper are not told"
    ),
    says="which, and why",
    act="`filingbell dlq list`, then `dlq retry` or `dlq drop`",
    find=_find,
    ended=always(_over),
)
