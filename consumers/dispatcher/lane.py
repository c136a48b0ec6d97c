"""What a worker holds of one channel while something goes there: what it has claimed, and how much is in flight."""

from collections import deque
from dataclasses import dataclass, field

from consumers.dispatcher.channelbook import Addressee
from service.model.circuit import IN_A_ROW
from service.model.identity import ChannelId, WorkspaceId
from service.store.channels import ChannelState
from service.store.claims import Owed

_AT_ONCE = 8  # requests in flight to one channel, a worker
_AHEAD = 32  # messages claimed at once where the channel answers quickly

Message = tuple[Owed, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class Lane:
    """A channel, and what this worker has of it."""

    addressee: Addressee  # as it stands now; a request in flight ends as it began
    state: ChannelState  # as it was when something was last claimed
    siblings: tuple[ChannelId, ...] = ()  # all that go where it goes, itself too; empty: it goes there alone
    sent: int = 0  # of those with siblings: which of all their messages its last one was
    queue: deque[Message] = field(default_factory=deque)
    flying: int = 0
    quick: bool = False  # the last request was answered at once
    claiming: bool = False  # something is being claimed for it
    more: bool = False  # the last claim got all that it asked for: there is more

    @property
    def workspace(self) -> WorkspaceId:
        """Whose it is."""
        return self.addressee.workspace

    @property
    def alone(self) -> bool:
        """Whether it takes one request at a time, from whatever worker: one with a pace, one bounded, one probed."""
        channel = self.addressee.channel
        return bool(channel.interval) or channel.max_per_hour is not None or self.state.probed

    @property
    def limit(self) -> int:
        """How many requests may be in flight: one to a channel that fails or asked us to wait, until it takes one."""
        one = self.alone or self.state.paused_until or self.state.failures >= IN_A_ROW
        return 1 if one else _AT_ONCE

    @property
    def room(self) -> int:
        """How many messages to claim now: more than can go at once only where they will soon."""
        free = self.limit - self.flying
        if self.queue or free <= 0:
            return 0
        return _AHEAD if self.quick and self.limit > 1 and not self.state.failing_since else free

    @property
    def ready(self) -> bool:
        """Whether it has something that may go now."""
        return bool(self.queue) and self.flying < self.limit

    @property
    def idle(self) -> bool:
        """Whether this worker has nothing of it."""
        return not self.queue and not self.flying and not self.claiming
