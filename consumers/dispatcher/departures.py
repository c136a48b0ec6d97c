"""When what was claimed is sent: as its channel and its workspace have room, so that nobody waits behind another."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from consumers.dispatcher.lane import Lane, Message
from consumers.dispatcher.places import Places
from service.model.identity import WorkspaceId

_FLIGHTS = 512  # requests in flight, a worker: one workspace alone has half of them
_QUEUED = 2048  # messages claimed beside these, a worker; likewise


class Departures:
    """Begins requests, each as *send* makes it, and knows which are in flight."""

    def __init__(self, send: Callable[[Lane, Message], Coroutine[Any, Any, None]]) -> None:
        self._send = send
        self._flights = Places(_FLIGHTS)
        self._queued = Places(_QUEUED)
        self._held: dict[WorkspaceId, dict[Lane, None]] = {}  # have something to send, once there is a place
        self._flying: set[asyncio.Task[None]] = set()
        self._closed = False

    def may_claim(self, workspace: WorkspaceId) -> bool:
        """Whether more may be claimed for channels of *workspace*; one of which nothing waits here always may."""
        return workspace not in self._held and (not self._queued.held(workspace) or self._queued.open(workspace))

    def claimed(self, lane: Lane, messages: Sequence[Message]) -> None:
        """*messages* were claimed for *lane*, and go as soon as they may."""
        lane.queue.extend(messages)
        self._queued.take(lane.workspace, len(messages))
        self._start(lane)

    def landed(self, lane: Lane) -> None:
        """A request of *lane* has ended: the next begins, of it and of those that waited for a place."""
        lane.flying -= 1
        self._flights.leave(lane.workspace)
        self._start_held()
        self._start(lane)

    def dropped(self, lane: Lane) -> set[tuple[str, str]]:
        """What *lane* has not begun, by channel and id: it is not sent from here any more."""
        chosen: set[tuple[str, str]] = {(lane.addressee.id, one.message) for message in lane.queue for one in message}
        self._queued.leave(lane.workspace, len(lane.queue))
        lane.queue.clear()
        self._hold(lane, held=False)
        return chosen

    async def close(self) -> None:
        """Begin nothing more, and let what is in flight end; whoever stops the process bounds how long that takes."""
        self._closed = True
        while self._flying:
            try:
                await asyncio.wait(self._flying)
            except asyncio.CancelledError:  # asked a second time: now at once
                for task in self._flying:
                    task.cancel()
                await asyncio.gather(*self._flying, return_exceptions=True)
                raise

    def _start(self, lane: Lane) -> None:
        """Send what *lane* has, as far as there is room."""
        while lane.ready and not self._closed:
            if not self._flights.open(lane.workspace):
                self._hold(lane, held=True)
                return
            self._begin(lane)

    def _start_held(self) -> None:
        """Send what waits for a place: first of the workspace that has fewest, and of its channels in turn."""
        while not self._closed and (workspace := self._flights.next(self._held)) is not None:
            lane = next(iter(self._held[workspace]))
            self._hold(lane, held=False)
            if lane.ready:
                self._begin(lane)
            if lane.ready:
                self._hold(lane, held=True)

    def _hold(self, lane: Lane, *, held: bool) -> None:
        if held:
            self._held.setdefault(lane.workspace, {})[lane] = None
        elif (lanes := self._held.get(lane.workspace)) is not None:
            lanes.pop(lane, None)
            if not lanes:
                del self._held[lane.workspace]

    def _begin(self, lane: Lane) -> None:
        self._flights.take(lane.workspace)
        self._queued.leave(lane.workspace)
        lane.flying += 1
        task = asyncio.create_task(self._send(lane, lane.queue.popleft()))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)
