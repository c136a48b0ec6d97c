"""EDGAR refuses this client."""

from service.edgar.pace import Host
from service.model.notice import NoticeKind
from service.store import marks
from service.watch.check import Check, always
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.words import eastern


async def _find(look: Look) -> list[Condition]:
    known = await look.marks()
    until = {host: known.get(marks.blocked(host)) for host in Host}
    return [
        Condition(
            kind=NoticeKind.BLOCKED,
            subject=host,
            since=None,
            headline=f"EDGAR ({host}) refuses this client until {eastern(at)}",
            lines=(
                "Nothing is asked until then, since asking on would prolong it; then all is read back.",
                "Is FILINGBELL_SEC_CONTACT right? Does anything else ask the SEC from this address?",
                "If it comes again, lower FILINGBELL_SEC_RATE.",
            ),
            severity=Severity.CRITICAL,
        )
        for host, at in until.items()
        if at is not None and at > look.now
    ]


CHECK = Check(
    kind=NoticeKind.BLOCKED,
    when="EDGAR refuses this client (403 or 429)",
    says="which host, until when",
    act="wait; see that `FILINGBELL_SEC_CONTACT` is right, and lower `FILINGBELL_SEC_RATE` if it comes again",
    find=_find,
    ended=always(lambda host, span: f"EDGAR ({host}) answers again (was blocked {span})"),
)
