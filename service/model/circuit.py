"""A channel's circuit: requests stop while its destination does not work, and one at a time tries it again. Pure.

.. code-block:: text

              70 % of 10 or more requests in 5 minutes failed         when the pause is over
   closed ─────────────────────────────────────────────────► open ───────────────────────────► half-open: one request
     ▲                                                         ▲                                  │           │
     │                                                         └─ not taken: twice the pause ─────┘           │
     └─────────────────────────────────────────── taken ──────────────────────────────────────────────────────┘

While it is closed, two failures in a row are enough for one request at a time, until one is taken.
"""

from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from service.model.delivery import Reason
from service.model.identity import ChannelId

SPAN = timedelta(minutes=5)
LEAST = 10  # requests in it
SHARE = 70  # of a hundred of them, that failed
IN_A_ROW = 2  # failures; what failed once comes again within seconds by itself
PAUSE = timedelta(seconds=10)  # until the first probe; what it doubles to is bounded
LONGEST_PAUSE = timedelta(minutes=5)
SPREAD = 0.2  # by what part of itself a pause may be longer: what opened together is not probed together

_BUCKET = timedelta(seconds=10)  # to within which the span is kept
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAULTS = frozenset(
    {Reason.TIMEOUT, Reason.NO_CONNECTION, Reason.TLS, Reason.NOT_HTTP, Reason.NOT_SMTP, Reason.SERVER_ERROR}
)
_OURS = frozenset({Reason.OUR_FAULT, Reason.NOT_ALLOWED, Reason.RATE_LIMITED})


def fault(reason: Reason) -> bool | None:
    """Whether a request that came to *reason* shows that its destination does not work; None: it says nothing of that.

    Who refuses a message works. Who asks us to wait has a pace of its own; and what failed here was not its fault.
    """
    return None if reason in _OURS else reason in _FAULTS


class CircuitState(StrEnum):
    """Whether requests go to a channel."""

    CLOSED = "closed"  # they do
    OPEN = "open"  # none does
    HALF_OPEN = "half-open"  # one may, to see whether it works again


class Circuit(Struct, frozen=True, kw_only=True):
    """How it stands with a channel's circuit."""

    opened: datetime | None = None  # None: it is closed
    probes: int = 0  # that were not taken since
    probe_at: datetime | None = None  # when one request may try it; None: at once

    def state(self, now: datetime) -> CircuitState:
        """What it is at *now*."""
        if self.opened is None:
            return CircuitState.CLOSED
        return CircuitState.HALF_OPEN if self.probe_at is None or self.probe_at <= now else CircuitState.OPEN

    def after(self, began: datetime, ended: datetime, *, taken: bool, trips: bool, spread: float = 0.0) -> "Circuit":
        """How it stands behind a request that *began* and *ended* then, and was *taken* or not.

        *trips*: too many have failed, this one as well. *spread*: by what part of itself the next pause is longer. What
        began before the circuit opened changes nothing any more.
        """
        if self.opened is None:
            return Circuit(opened=ended, probe_at=ended + _pause(0, spread)) if trips and not taken else self
        if began < self.opened:
            return self
        if taken:
            return Circuit()
        probes = self.probes + 1
        return Circuit(opened=self.opened, probes=probes, probe_at=ended + _pause(probes, spread))


def _pause(probes: int, spread: float) -> timedelta:
    """How long until the next probe, when so many were not taken."""
    return min(PAUSE * (1 << min(probes, 10)), LONGEST_PAUSE) * (1 + spread)


class RecentRequests:
    """How the requests of the last five minutes went that a worker made to a channel, to within ten seconds."""

    def __init__(self) -> None:
        self._buckets: deque[list[int]] = deque()  # number of the bucket, requests, those of them that failed
        self._made = 0
        self._failed = 0

    def note(self, at: datetime, *, failed: bool) -> bool:
        """A request has ended; returns whether too many of them have failed, this one as well."""
        number = self._forget(at)
        if not self._buckets or self._buckets[-1][0] != number:
            self._buckets.append([number, 0, 0])
        last = self._buckets[-1]
        last[1] += 1
        last[2] += failed
        self._made += 1
        self._failed += failed
        return failed and self._made >= LEAST and 100 * self._failed >= SHARE * self._made

    def empty(self, now: datetime) -> bool:
        """Whether there was none."""
        self._forget(now)
        return not self._buckets

    def _forget(self, now: datetime) -> int:
        """What is too long ago; or all of it, where the clock was set back. Returns the number of *now*."""
        number = (now - _EPOCH) // _BUCKET
        while self._buckets and (self._buckets[0][0] <= number - SPAN // _BUCKET or self._buckets[-1][0] > number):
            _, made, failed = self._buckets.popleft()
            self._made -= made
            self._failed -= failed
        return number


class Circuits:
    """What a worker has seen of the channels to which it has sent something lately; of others it keeps nothing."""

    def __init__(self) -> None:
        self._recent: dict[ChannelId, RecentRequests] = {}

    def trips(self, channel: ChannelId, reason: Reason, at: datetime) -> bool:
        """A request to *channel*, whose circuit is closed, came to *reason*; returns whether the circuit is to open."""
        failed = fault(reason)
        return failed is not None and self._recent.setdefault(channel, RecentRequests()).note(at, failed=failed)

    def forget(self, channels: Iterable[ChannelId], now: datetime) -> None:
        """*channels* are open, and count anew once they are closed; nor is anything of long ago kept."""
        for channel in channels:
            self._recent.pop(channel, None)
        self._recent = {channel: recent for channel, recent in self._recent.items() if not recent.empty(now)}
