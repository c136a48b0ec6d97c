"""What a channel is owed has waited for long, though the channel does not fail: more comes than it takes, say."""

from datetime import timedelta

from service.model.notice import NoticeKind
from service.watch.check import Check, Ended
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.owed import is_disabled, known_as, name_of, option_of, waits
from service.words import eastern


async def _find(look: Look) -> list[Condition]:
    longest = timedelta(minutes=look.settings.queue_old_minutes)
    sending = [one.started for one in (await look.running()).processes if "dispatcher" in one.roles]
    if not sending or look.now - min(sending) < longest:
        return []  # nobody sends, which is told; or what waited meanwhile is on its way
    known, states = await look.channels(), await look.states()
    found = []
    for channel, owed in (await look.waiting()).items():
        state = states.get(channel)
        failed = state.failed_at if state is not None else None  # what an outage has left over is on its way
        if look.now - max(owed.next, failed or owed.next) < longest or is_disabled(channel, known):
            continue
        if state is not None and (state.failing_since or state.opened or state.missing_since or state.disabled_since):
            continue  # which says more
        name, workspace = known_as(channel, known)
        paused = state.paused_until if state is not None else None
        until = f", which asked to wait until {eastern(paused)}" if paused and paused > look.now else ""
        option = await option_of(look, workspace)
        found.append(
            Condition(
                kind=NoticeKind.OLD,
                subject=channel,
                workspace=workspace,
                since=owed.next,
                headline=f"{waits(owed)} for {name}{until}; the oldest should have gone {eastern(owed.next)}",
                lines=(
                    "More comes than the channel takes, or no dispatcher keeps up: filingbell status",
                    f"What waits: filingbell deliveries list --channel {name}{option}",
                    "Fewer messages: a digest, or max_per_hour, on the channel or on the rules that ring most.",
                ),
                severity=Severity.WARNING,
            )
        )
    return found


async def _ended(look: Look, channel: str, span: str) -> Ended:
    return Ended(f"nothing has waited for long for {await name_of(look, channel)} any more (did {span})")


CHECK = Check(
    kind=NoticeKind.OLD,
    when="what a channel that does not fail is owed should have gone `FILINGBELL_QUEUE_OLD_MINUTES` ago (15)",
    says="how many wait, since when, whether the receiver has asked to wait",
    act="`filingbell status`; a digest, or `max_per_hour`, on the channel or on the rules that ring most",
    find=_find,
    ended=_ended,
    settles=timedelta(minutes=5),
)
