"""What is said when something is over: that it is, and from when to when it was."""

from collections.abc import Callable, Mapping
from datetime import datetime

from service.model.notice import Notice, NoticeKind
from service.store import Database
from service.store.notices import Standing
from service.watch.channels import comeback, recovery
from service.watch.matter import cleared
from service.words import eastern_span

DOCUMENTS = "documents"  # the subject of a lag: EDGAR lists filings and does not serve them
POLLER = "poller"  # the subject of a silence that is ours


async def over(database: Database, one: Standing, now: datetime) -> Notice:
    """The notice that *one* has ended."""
    span, more = eastern_span(one.raised, now), tuple[str, ...]()
    match one.kind:
        case NoticeKind.FAILING:
            headline, more = await recovery(database, one.subject, span)
        case NoticeKind.MISSING:
            headline, more = await comeback(database, one.subject, span)
        case _:
            headline = _WORDS[one.kind](one.subject, span)
    return cleared(one, headline, (*more, f"It was told as: {one.notice.headline}"), now)


def _silence(subject: str, span: str) -> str:
    what = (
        "EDGAR's feed is read again (was not read completely"
        if subject == POLLER
        else ("EDGAR's feed shows new filings again (was silent")
    )
    return f"{what} {span})"


def _lag(subject: str, span: str) -> str:
    if subject == DOCUMENTS:
        return f"EDGAR serves the documents that it lists again (did not {span})"
    return f"{subject} has caught up (was behind {span})"


_WORDS: Mapping[NoticeKind, Callable[[str, str], str]] = {
    NoticeKind.BLOCKED: lambda host, span: f"EDGAR ({host}) answers again (was blocked {span})",
    NoticeKind.SILENCE: _silence,
    NoticeKind.GAP: lambda _, span: f"the SEC's index has shown what the feed did not (gap open {span})",
    NoticeKind.UNPROVEN: lambda day, span: f"{day} agrees with the SEC's index (did not {span})",
    NoticeKind.LAG: _lag,
    NoticeKind.DEAD: lambda channel, span: (
        f"the alerts to {channel} that were given up are sent again, or were seen ({span})"
    ),
}
