"""What finds conditions of one kind, and says when one of them is over."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from msgspec import Struct

from service.model.notice import EventType, NoticeKind
from service.watch.condition import Condition
from service.watch.look import Look


class Ended(Struct, frozen=True):
    """How something is over."""

    headline: str  # in a line
    lines: tuple[str, ...] = ()  # what to add
    event: EventType | None = None  # None: the one by which it began


class Check(Struct, frozen=True, kw_only=True):
    """One kind of thing that can be wrong."""

    kind: NoticeKind
    when: str  # it is told, for the table of events
    says: str  # what the notice has
    act: str  # what to do
    find: Callable[[Look], Awaitable[list[Condition]]]
    ended: Callable[[Look, str, str], Awaitable[Ended]]  # of a subject, which was in trouble for so long, in words
    patience: timedelta = timedelta(0)  # a notice waits so long after it began: a restart is no news
    settles: timedelta = timedelta(0)  # over once it has not been so for as long: what comes and goes is told once

    def tells(self, one: Condition, now: datetime) -> bool:
        """Whether a notice is due of *one*, which this check has found."""
        return not self.patience or (one.since is not None and now - one.since >= self.patience)


def always(words: Callable[[str, str], str]) -> Callable[[Look, str, str], Awaitable[Ended]]:
    """The end that *words* say of a subject and a span, whatever the service looks like by now."""

    async def ended(_look: Look, subject: str, span: str) -> Ended:
        return Ended(words(subject, span))

    return ended
