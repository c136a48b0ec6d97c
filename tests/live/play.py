"""One run: a stream of filings, an editor, and the service behind them, embedded or as processes."""

import asyncio
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Self

import structlog
from msgspec import Struct
from structlog.typing import EventDict

from consumers.following import Following
from service.model.filing import Accession
from service.model.parsed import ParsedFiling
from service.store import Database
from service.wire.topics import parsed_event
from tests.control.desk import Answers, Floor, accession_of
from tests.kit.documents import a_document, a_filing, a_row
from tests.kit.filings import now
from tests.live.editor import Editor
from tests.live.verdict import Verdict, judge

_AT_ONCE = 10  # filings in one transaction


class Outcome(Struct, frozen=True, kw_only=True):
    """What a run came to."""

    filings: int
    changes: int
    seconds: float
    verdict: Verdict
    follow: list[float]  # seconds, of each change and process
    waits: list[float]  # seconds that a reader waited for the snapshot as it stands; empty: not measured

    def __str__(self) -> str:
        """One line."""
        found = self.verdict
        waits = f"; longest wait for a snapshot {max(self.waits) * 1000:.2f} ms" if self.waits else ""
        return (
            f"{self.filings:,} filings in {self.seconds:.0f} s, {self.changes} changes, {found.revisions} revisions "
            f"matched at: {found.alerts:,} alerts, {found.delivered:,} webhooks: {len(found.lost)} lost, "
            f"{len(found.doubled)} doubled, {len(found.unexplained)} unexplained; a change is taken over within "
            f"{max(self.follow):.2f} s (median {sorted(self.follow)[len(self.follow) // 2]:.2f} s){waits}"
        )


Followed = Callable[[], dict[str, list[tuple[datetime, int]]]]
"""When each process has taken over which revision of what, by process and what."""


async def play(
    floor: Floor, seed: int, filings: int, changes: int, rate: float, followed: Followed, receiver: Answers
) -> Outcome:
    """*filings* at *rate* a second while rules are changed; the service runs, and is judged once all is delivered."""
    chance = random.Random(seed)
    desk = await floor.desk()
    editor = Editor(desk, chance)
    await editor.begin(receiver.url)
    await _until(lambda: _knows(followed, editor.changes[-1][0]))
    first = len(editor.changes)
    shares: dict[Accession, int] = {}
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        group.create_task(_publish(floor, filings, rate, chance, shares))
        group.create_task(_edit(editor, changes, filings / rate))
    await floor.idle(filings)
    seconds = time.monotonic() - started
    await _until(lambda: _knows(followed, editor.changes[-1][0]))
    made = editor.changes[first:]
    follow = [
        min((at - stood).total_seconds() for at, taken in told if taken >= revision)
        for told in followed().values()
        for revision, stood in made
    ]
    return Outcome(
        filings=filings,
        changes=len(made),
        seconds=seconds,
        verdict=await judge(floor.database, shares, editor, receiver),
        follow=[max(0.0, one) for one in follow],
        waits=[],
    )


async def _publish(floor: Floor, count: int, rate: float, chance: random.Random, shares: dict[Accession, int]) -> None:
    started = time.monotonic()
    for start in range(0, count, _AT_ONCE):
        made = {number: chance.randrange(1, 1000) for number in range(start, min(start + _AT_ONCE, count))}
        filings = [
            ParsedFiling(filing=a_filing(accession=accession_of(number)), document=a_document(a_row(shares=str(units))))
            for number, units in made.items()
        ]
        shares.update({accession_of(number): units for number, units in made.items()})
        async with floor.database.transaction() as tx:
            tx.emit(*(parsed_event(one, now()) for one in filings))
        await asyncio.sleep(max(0.0, started + (start + len(made)) / rate - time.monotonic()))


async def _edit(editor: Editor, count: int, seconds: float) -> None:
    started, begun = time.monotonic(), len(editor.changes)
    while (made := len(editor.changes) - begun) < count:
        await editor.change()
        await asyncio.sleep(max(0.0, started + made * seconds / count - time.monotonic()))


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(120):
        while not await condition():
            await asyncio.sleep(0.05)


async def _knows(followed: Followed, revision: int) -> bool:
    told = followed()
    return bool(told) and all(taken and taken[-1][1] >= revision for taken in told.values())


class Timed:
    """Measures every look at the snapshot as it stands, while the context is open."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._original = Following.current

    def __enter__(self) -> Self:
        """Begin."""
        original, waits = self._original, self.waits

        def current(following: Following[object]) -> object:
            started = time.perf_counter()
            found = original.__get__(following)
            waits.append(time.perf_counter() - started)
            return found

        Following.current = property(current)  # type: ignore[assignment,method-assign]
        return self

    def __exit__(self, *_error: object) -> None:
        """End."""
        Following.current = self._original  # type: ignore[method-assign]


async def embedded(database: Database, folder: Path, seed: int, filings: int, changes: int, rate: float) -> Outcome:
    """A run in this process, which is one on SQLite."""
    taken: dict[str, list[tuple[datetime, int]]] = {"rules": [], "channels": []}

    def note(_logger: object, _name: str, event: EventDict) -> EventDict:
        if event["event"] == "configuration_taken_over":
            taken[event["of"]].append((now(), event["revision"]))
        raise structlog.DropEvent

    structlog.configure(processors=[note], wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    try:
        floor = Floor(database, folder)
        async with Answers({}) as receiver, floor.running():
            with Timed() as timed:
                outcome = await play(floor, seed, filings, changes, rate, lambda: taken, receiver)
    finally:
        structlog.reset_defaults()
    return Outcome(**{**{name: getattr(outcome, name) for name in Outcome.__struct_fields__}, "waits": timed.waits})


def taken_over(log: Path) -> dict[str, list[tuple[datetime, int]]]:
    """What the process whose log this is has taken over, and when."""
    found: dict[str, list[tuple[datetime, int]]] = {}
    for line in log.read_text().splitlines(keepends=True):
        if '"configuration_taken_over"' in line and line.endswith("\n"):
            event = json.loads(line)
            at = datetime.fromisoformat(event["timestamp"])
            found.setdefault(f"{log.stem} {event['of']}", []).append((at, event["revision"]))
    return found
