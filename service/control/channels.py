"""How it stands with each channel."""

from datetime import datetime

from msgspec import Struct

from service.store import channels, deliveries
from service.store.channels import ChannelState
from service.store.deliveries import State
from service.watch.look import Look


class Standing(Struct, frozen=True, kw_only=True):
    """What a channel has taken, what it is owed, and whether it works."""

    channel: str  # its name, behind that of its workspace unless that is the default one
    delivered: int
    pending: int
    dead: int  # given up, and nobody has seen to it
    acknowledged: int  # given up, and somebody has
    configured: bool  # False: what it is owed waits until a configuration has it
    failing_since: datetime | None  # None: it works, as far as is known
    last_delivered: datetime | None  # to within seconds; None: nothing yet
    reason: str | None  # of its last failure; None: none was ever seen
    answer: str | None  # likewise
    oldest: datetime | None  # what waits longest was owed then; None: nothing waits
    next_try: datetime | None  # None: nothing waits


async def standings(look: Look) -> list[Standing]:
    """Every channel that was ever owed anything, by name.

    Of one that is not configured any more and has nothing left there is nothing to tell.
    """
    counts, waiting, dead = await deliveries.counts(look.database), await look.waiting(), await look.dead()
    states, names = await look.states(), await channels.titles(look.database)
    found = []
    for name in sorted({channel for channel, _ in counts} | set(states)):
        state, owed = states.get(name, ChannelState(channel=name)), waiting.get(name)
        unseen = sum(one.count for one in dead if one.channel == name)
        found.append(
            Standing(
                channel=names[name],
                delivered=counts.get((name, State.DELIVERED), 0),
                pending=counts.get((name, State.PENDING), 0),
                dead=unseen,
                acknowledged=max(0, counts.get((name, State.DEAD), 0) - unseen),
                configured=state.missing_since is None,
                failing_since=state.failing_since,
                last_delivered=state.succeeded_at,
                reason=state.reason,
                answer=state.detail,
                oldest=owed.oldest if owed else None,
                next_try=max(owed.next, state.paused_until or owed.next) if owed else None,
            )
        )
    return [one for one in found if one.configured or one.delivered or one.pending or one.dead]
