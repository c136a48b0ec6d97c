"""Alerts wait for a channel that is switched off."""

from service.model.notice import NoticeKind
from service.watch.check import Check, Ended
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.owed import is_disabled, known_as, name_of, option_of, waits
from service.words import eastern


async def _find(look: Look) -> list[Condition]:
    known = await look.channels()
    found = []
    for channel, owed in (await look.waiting()).items():
        if not is_disabled(channel, known):
            continue
        name, workspace = known_as(channel, known)
        option = await option_of(look, workspace)
        found.append(
            Condition(
                kind=NoticeKind.DISABLED,
                subject=channel,
                workspace=workspace,
                since=owed.oldest,
                headline=f"{waits(owed)} for the channel {name}, which is disabled",
                lines=(
                    f"The oldest has waited since {eastern(owed.oldest)}.",
                    f"To send them: filingbell channels enable {name}{option}",
                    f"To send them elsewhere: filingbell deliveries move {name} OTHER{option}",
                ),
                severity=Severity.WARNING,
                repeated=True,
            )
        )
    return found


async def _ended(look: Look, channel: str, span: str) -> Ended:
    name, owed = await name_of(look, channel), (await look.waiting()).get(channel)
    if owed is not None:
        return f"the channel {name} is not disabled any more (alerts waited {span})", ()
    return f"nothing waits for the channel {name} any more (did {span})", ()


CHECK = Check(kind=NoticeKind.DISABLED, find=_find, ended=_ended)
