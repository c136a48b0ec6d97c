"""Alerts wait for a channel that is switched off: by a person, or since it has failed for days."""

from functools import partial

from service.model.notice import EventType, NoticeKind
from service.store import channel_names
from service.text import one_line
from service.watch.check import Check, Ended
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.owed import is_disabled, known_as, option_of, waits
from service.words import eastern


async def _find(look: Look) -> list[Condition]:
    known, states = await look.channels(), await look.states()
    found = []
    for channel, owed in (await look.waiting()).items():
        name, workspace = known_as(channel, known)
        option = await option_of(look, workspace)
        of_channel = partial(Condition, kind=NoticeKind.DISABLED, subject=channel, workspace=workspace, repeated=True)
        state = states.get(channel)
        if is_disabled(channel, known):
            found.append(
                of_channel(
                    since=owed.oldest,
                    headline=f"{waits(owed)} for the channel {name}, which is disabled",
                    lines=(
                        f"The oldest has waited since {eastern(owed.oldest)}.",
                        f"To send them: filingbell channels enable {name}{option}",
                        f"To send them elsewhere: filingbell deliveries move {name} OTHER{option}",
                    ),
                    severity=Severity.WARNING,
                )
            )
        elif state is not None and state.disabled_since is not None and state.missing_since is None:
            took_none = eastern(state.failing_since or state.disabled_since)
            found.append(
                of_channel(
                    since=state.disabled_since,
                    headline=f"{name} is disabled: it has taken no alert since {took_none}; {waits(owed)}",
                    lines=(
                        f"The last answer: {one_line(state.detail or 'unknown')}",
                        f"What waits is kept. The next try, with one alert: {eastern(state.next_try(look.now))}.",
                        f"Once {name} works: filingbell channels enable {name}{option}",
                    ),
                    severity=Severity.CRITICAL,
                )
            )
    return found


async def _ended(look: Look, channel: str, span: str) -> Ended:
    known = await channel_names.known(look.database, [channel])
    (name, _), owed = known_as(channel, known), (await look.waiting()).get(channel)
    state = (await look.states()).get(channel)
    if state is not None and state.works_again and not is_disabled(channel, known):
        return Ended(f"{name} takes alerts again (was disabled {span})", event=EventType.RECOVERED)
    if owed is not None:
        return Ended(f"the channel {name} is not disabled any more (alerts waited {span})")
    return Ended(f"nothing waits for the channel {name} any more (did {span})")


CHECK = Check(
    kind=NoticeKind.DISABLED,
    when=(
        "alerts wait for a channel that is switched off: by hand, or since it has taken nothing for 120 "
        "hours (then one alert is tried every six hours)"
    ),
    says="how many wait, the last answer, the next try",
    act="`filingbell channels enable CHANNEL`, or `filingbell deliveries move CHANNEL OTHER`",
    find=_find,
    ended=_ended,
)
