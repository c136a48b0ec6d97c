"""The one loop that every consumer runs: batch, transaction, advance."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Protocol, TypeVar, runtime_checkable

import structlog

from consumers.quarantine import FloodGate, dead_letter
from service.log.source import Batch, Source
from service.model.dead import DeadLetter
from service.model.errors import Superseded, UnusableDocument
from service.store import Database, Transaction, letters
from service.vitals import Vitals
from service.wire.topics import Record, Topic

T = TypeVar("T")
Clock = Callable[[], datetime]

_PIECE = 0.0005  # seconds of reading without a pause: a write that another task has begun meanwhile is soon through

log = structlog.get_logger()


class Step(Protocol[T]):
    """What a stage does with a record, in two halves: a pure one that may fail on bad data, and one that writes."""

    group: str
    topic: Topic

    def read(self, record: Record) -> T:
        """What *record* comes to. No I/O. Whatever it raises makes the record a dead letter."""
        ...

    async def write(self, tx: Transaction, results: list[T]) -> None:
        """Put the effects of a batch into *tx*. What it raises rolls the batch back, and the batch comes again."""
        ...


@runtime_checkable
class Ample(Protocol[T]):
    """A step whose effects may be too many for one transaction."""

    async def ahead(self, database: Database, results: list[T]) -> list[T]:
        """Put the first effects of a batch into transactions before its own; returns those that are left for that one.

        What is written here is there already when the batch comes again, and must change nothing then.
        """
        ...


@runtime_checkable
class Recalling(Protocol):
    """A step that looks up what was before, to read records."""

    async def recall(self, database: Database, records: Sequence[Record]) -> None:
        """Look up what *records* need, which are read next; whatever is wrong with one, reading it tells."""
        ...


async def run(
    step: Step[T], source: Source, database: Database, clock: Clock, vitals: Vitals, gate: FloodGate | None = None
) -> None:
    """Feed *step* batch by batch, without end.

    What it did, what it emits and how far it read commit together or not at all. A record it cannot use goes to
    form4.dead in the same transaction, and the stream goes on. Raises Unavailable where the database or the log is,
    and Flood where *gate* stops it; either way the next run goes on from the position.
    """
    async with aclosing(source.batches()) as batches:  # a consumer group is left at once
        async for batch in batches:
            started = time.monotonic()
            if isinstance(step, Recalling):
                await step.recall(database, batch.records)
            results, dead = await _read(step, batch, clock)
            if gate is not None:
                gate.admit(len(batch.records), dead)
            if isinstance(step, Ample):
                results = await step.ahead(database, results)
            try:
                async with database.transaction() as tx:
                    await batch.advance(tx)
                    await step.write(tx, results)
                    await letters.bury(tx, *dead)
            except Superseded as superseded:
                log.warning("position_moved", group=step.group, detail=str(superseded))
                source.rewind()
            else:
                reasons = [letter.reason for letter in dead]
                vitals.handled(step.group, len(batch.records), reasons, time.monotonic() - started)


async def _read(step: Step[T], batch: Batch, clock: Clock) -> tuple[list[T], list[DeadLetter]]:
    """What the records of *batch* come to; the loop comes round between, so that a backlog holds up nobody else."""
    results: list[T] = []
    dead: list[DeadLetter] = []
    until = time.monotonic() + _PIECE
    for record in batch.records:
        if time.monotonic() > until:
            await asyncio.sleep(0)
            until = time.monotonic() + _PIECE
        structlog.contextvars.bind_contextvars(accession=record.headers.get("ce_subject"))
        try:
            results.append(step.read(record))
        except UnusableDocument as error:
            log.warning("dead_letter", group=step.group, reason=error.reason, detail=str(error))
            dead.append(dead_letter(step.group, record, error, clock()))
        except Exception as error:  # a fault of ours must not stop the stream, nor pass unseen
            log.exception("dead_letter", group=step.group, reason="internal-error")
            dead.append(dead_letter(step.group, record, error, clock()))
    structlog.contextvars.unbind_contextvars("accession")
    return results, dead
