"""Channels that do not take what they are owed: who would have been told is not."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from service.model.delivery import Reason
from service.model.notice import NoticeKind
from service.store import Database, channels, ledger
from service.store.channels import ChannelState
from service.store.ledger import Dead, Waiting
from service.text import one_line
from service.watch.matter import Matter
from service.words import counted, eastern

_REFUSALS = frozenset({Reason.REFUSED, Reason.GONE, Reason.CLIENT_ERROR, Reason.INVALID_MESSAGE})
_BRIEF = timedelta(minutes=1)  # what is over within it is no failure worth telling: the third try comes sooner


async def recovery(database: Database, channel: str, span: str) -> tuple[str, tuple[str, ...]]:
    """What to say, and to add, when *channel* has stopped failing, which it did for *span*."""
    state, name = await _state(database, channel), (await channels.names(database))[channel]
    if state is None or state.failing_since is not None:
        return f"nothing waits for {name} any more (did {span})", ()
    owed = (await ledger.waiting(database)).get(channel)
    rest = (f"{counted(owed.count, 'alert')} that waited: on the way, oldest first.",) if owed else ()
    return f"{name} takes alerts again (took none {span})", rest


async def comeback(database: Database, channel: str, span: str) -> tuple[str, tuple[str, ...]]:
    """What to say, and to add, when nothing waits any more for *channel* to be configured, as it did for *span*."""
    state, name = await _state(database, channel), (await channels.names(database))[channel]
    if state is not None and state.missing_since is None:
        return f"the channel {name} is configured again (was not {span})", ()
    return f"nothing waits for the channel {name} any more (did {span})", ()


async def _state(database: Database, channel: str) -> ChannelState | None:
    return next((one for one in await channels.states(database) if one.channel == channel), None)


async def of_channels(database: Database, now: datetime) -> list[Matter]:
    """What is wrong with channels."""
    waiting, dead, names = await ledger.waiting(database), await ledger.dead(database), await channels.names(database)
    found = [
        matter
        for state in await channels.states(database)
        if (owed := waiting.get(state.channel))
        for matter in _of_state(state, names[state.channel], owed, now)
    ]
    failed = dict.fromkeys(one.channel for one in dead)
    return found + [_of_dead(one, names[one], [each for each in dead if each.channel == one]) for one in failed]


def told(one: Dead) -> str:
    """*one* in a line: how many, since when, the last answer, and one for example."""
    last, example = one.example.last, one.example
    answer = f" ({one_line(last.detail)})" if last else ""
    which = f"{example.accession} {example.rule}" if example.accession else f"a notice ({example.notice})"
    did = "refused" if one.reason in _REFUSALS else "did not take"
    return (
        f"{example.channel_name} {did} {counted(one.count, 'alert')} since {eastern(one.since)}{answer}, e.g. {which}"
    )


def _of_state(state: ChannelState, channel: str, owed: Waiting, now: datetime) -> Iterator[Matter]:
    wait = f"{counted(owed.count, 'alert')} {'waits' if owed.count == 1 else 'wait'}"
    if state.missing_since is not None:
        yield Matter(
            kind=NoticeKind.MISSING,
            subject=state.channel,
            headline=f"{wait} for the channel {channel}, which is not configured",
            lines=(
                f"The oldest has waited since {eastern(owed.oldest)}. All go once the channel is back.",
                f"If it has another name now: filingbell deliveries move {channel} NEW-NAME",
            ),
            repeated=True,
        )
    elif state.failing_since is not None and now - state.failing_since >= _BRIEF:
        yield Matter(
            kind=NoticeKind.FAILING,
            subject=state.channel,
            headline=f"{channel} has taken no alert since {eastern(state.failing_since)}: {wait}",
            lines=(
                f"The last answer: {one_line(state.detail or 'unknown')}",
                f"The oldest has waited since {eastern(owed.oldest)}; the next try is {eastern(max(owed.next, now))}.",
                f"What waits goes by itself once {channel} works. To try now: filingbell deliveries flush {channel}",
            ),
            repeated=True,
        )


def _of_dead(subject: str, channel: str, found: list[Dead]) -> Matter:
    count, since = sum(one.count for one in found), min(one.since for one in found)
    return Matter(
        kind=NoticeKind.DEAD,
        subject=subject,
        headline=f"{counted(count, 'alert')} to {channel} given up since {eastern(since)}",
        lines=(
            *map(told, found),
            f"They are kept. Once the channel works: filingbell deliveries resend --channel {channel}",
            f"If they are not needed: filingbell deliveries acknowledge --channel {channel}",
        ),
        repeated=True,
    )
