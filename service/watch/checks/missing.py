"""Alerts wait for a channel that the configuration does not have."""

from service.model.notice import NoticeKind
from service.watch.check import Check, Ended
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.owed import is_disabled, known_as, name_of, option_of, waits
from service.words import eastern


async def _find(look: Look) -> list[Condition]:
    waiting, known = await look.waiting(), await look.channels()
    found = []
    for channel, state in (await look.states()).items():
        owed = waiting.get(channel)
        if owed is None or state.missing_since is None or is_disabled(channel, known):
            continue
        name, workspace = known_as(channel, known)
        option = await option_of(look, workspace)
        found.append(
            Condition(
                kind=NoticeKind.MISSING,
                subject=channel,
                workspace=workspace,
                since=state.missing_since,
                headline=f"{waits(owed)} for the channel {name}, which is not configured",
                lines=(
                    f"The oldest has waited since {eastern(owed.oldest)}. All go once the channel is back.",
                    f"If it has another name now: filingbell deliveries move {name} NEW-NAME{option}",
                ),
                severity=Severity.CRITICAL,
                repeated=True,
            )
        )
    return found


async def _ended(look: Look, channel: str, span: str) -> Ended:
    name, state = await name_of(look, channel), (await look.states()).get(channel)
    if is_disabled(channel, await look.channels()):
        return Ended(f"the channel {name} is there again, but disabled (was not configured {span})")
    if state is not None and state.missing_since is None:
        return Ended(f"the channel {name} is configured again (was not {span})")
    return Ended(f"nothing waits for the channel {name} any more (did {span})")


CHECK = Check(
    kind=NoticeKind.MISSING,
    when="alerts wait for a channel that the configuration does not have",
    says="how many, since when",
    act="add the channel again, or `filingbell deliveries move OLD NEW`",
    find=_find,
    ended=_ended,
)
