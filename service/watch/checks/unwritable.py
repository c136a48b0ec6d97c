"""Nothing can be written to the database: its disk is full or read-only, or a process no longer gets through."""

from service.model.notice import NoticeKind
from service.watch.check import Check, always
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.words import eastern

_DATABASE = "database"


async def _find(look: Look) -> list[Condition]:
    found = [
        Condition(
            kind=NoticeKind.UNWRITABLE,
            subject=f"{one.host}/{one.pid}",
            since=one.beat,
            headline=f"running, PID {one.pid}, but nothing could be written since {eastern(one.beat)}: "
            + ", ".join(one.roles),
            severity=Severity.CRITICAL,
        )
        for one in (await look.running()).silent
    ]
    trouble = await look.trouble()
    if trouble is not None:
        found.append(
            Condition(
                kind=NoticeKind.UNWRITABLE,
                subject=_DATABASE,
                since=None,
                headline=trouble,
                lines=("Everything has stopped; once the database can be written to again, all goes on where it was.",),
                severity=Severity.CRITICAL,
            )
        )
    return found


def _ended(subject: str, span: str) -> str:
    if subject == _DATABASE:
        return f"the database can be written to again (could not {span})"
    return f"process {subject} writes to the database again, or has ended (did not write {span})"


CHECK = Check(
    kind=NoticeKind.UNWRITABLE,
    when=(
        "nothing can be written to the database (its disk is full or read-only, say), or a process that runs "
        "does not get through"
    ),
    says="why, or which process and since when",
    act="free the disk or make it writable; everything goes on by itself",
    find=_find,
    ended=always(_ended),
)
