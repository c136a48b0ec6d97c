"""A channel has taken nothing for a while, and alerts wait for it."""

from datetime import timedelta

from service.model.notice import EventType, NoticeKind
from service.text import one_line
from service.watch.check import Check, Ended
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.owed import is_disabled, known_as, name_of, option_of, waits
from service.words import counted, eastern

_BRIEF = timedelta(minutes=1)  # what is over within it is no failure worth telling: the third try comes sooner


async def _find(look: Look) -> list[Condition]:
    waiting, known = await look.waiting(), await look.channels()
    found = []
    for channel, state in (await look.states()).items():
        owed, since = waiting.get(channel), min(filter(None, (state.failing_since, state.opened)), default=None)
        if owed is None or since is None or look.now - since < _BRIEF:
            continue
        if state.missing_since is not None or state.disabled_since is not None or is_disabled(channel, known):
            continue  # which says more
        name, workspace = known_as(channel, known)
        option = await option_of(look, workspace)
        flush = f"filingbell deliveries flush {name}{option}"
        next_try = eastern(max(state.earliest(owed.next), look.now))
        found.append(
            Condition(
                kind=NoticeKind.FAILING,
                subject=channel,
                workspace=workspace,
                since=since,
                headline=f"{name} has taken no alert since {eastern(since)}: {waits(owed)}",
                lines=(
                    f"The last answer: {one_line(state.detail or 'unknown')}",
                    f"The oldest has waited since {eastern(owed.oldest)}; the next try is {next_try}.",
                    f"What waits goes by itself once {name} works. To try now: {flush}",
                ),
                severity=Severity.CRITICAL,
                repeated=True,
            )
        )
    return found


async def _ended(look: Look, channel: str, span: str) -> Ended:
    name, state = await name_of(look, channel), (await look.states()).get(channel)
    owed = (await look.waiting()).get(channel)
    if owed is not None and is_disabled(channel, await look.channels()):
        return Ended(f"{name} is disabled, and is not tried any more (took nothing {span})")
    if owed is not None and state is not None and state.disabled_since is not None:
        return Ended(f"{name} is disabled, and is tried now and then (took nothing {span})")
    if state is None or state.failing_since is not None or state.opened is not None:
        return Ended(f"nothing waits for {name} any more (did {span})")
    rest = (f"{counted(owed.count, 'alert')} that waited: on the way, oldest first.",) if owed else ()
    return Ended(f"{name} takes alerts again (took none {span})", rest, EventType.RECOVERED)


CHECK = Check(
    kind=NoticeKind.FAILING,
    when="a channel has taken nothing for a minute, and alerts wait",
    says="since when, how many wait, the last answer, the next try",
    act="repair the receiver; what waits goes by itself, oldest first. `filingbell deliveries flush CHANNEL` tries now",
    find=_find,
    ended=_ended,
    settles=timedelta(minutes=2),
)
