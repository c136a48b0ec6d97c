"""The one loop that every consumer runs: batch, transaction, advance."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

import structlog

from consumers.culprits import culprits
from consumers.quarantine import FloodGate, dead_letter
from consumers.steps import Ample, Recalling, Step
from service.log.source import Batch, Source
from service.model.dead import DeadLetter
from service.model.errors import FilingbellError, Superseded, UnusableDocument
from service.store import Database, letters
from service.vitals import Vitals
from service.wire.topics import Record

T = TypeVar("T")
Clock = Callable[[], datetime]

_PIECE = 0.0005  # seconds of reading without a pause: a write that another task has begun meanwhile is soon through

log = structlog.get_logger()


async def run(
    step: Step[T], source: Source, database: Database, clock: Clock, vitals: Vitals, gate: FloodGate | None = None
) -> None:
    """Feed *step* batch by batch, without end.

    What it did, what it emits and how far it read commit together or not at all. A record it cannot use goes to
    form4.dead in the same transaction, and the stream goes on; so does one on which it fails, alone among the others.
    Raises Unavailable where the database or the log is, and Flood where *gate* stops it; either way the next run goes
    on from the position.
    """
    async with aclosing(source.batches()) as batches:  # a consumer group is left at once
        async for batch in batches:
            started = time.monotonic()
            try:
                dead = await _handle(step, batch, database, clock, gate)
            except Superseded as superseded:
                log.warning("position_moved", group=step.group, detail=str(superseded))
                source.rewind()
                continue
            except FilingbellError:
                raise
            except Exception:  # a fault of ours: where it hangs on a record, that one is put aside
                found = await culprits(step, batch.records, database)
                if not found or len(found) == len(batch.records) > 1:
                    raise
                dead = await _handle(step, batch, database, clock, gate, found)
            reasons = [letter.reason for letter in dead]
            vitals.handled(step.group, len(batch.records), reasons, time.monotonic() - started)


async def _handle(
    step: Step[T],
    batch: Batch,
    database: Database,
    clock: Clock,
    gate: FloodGate | None,
    failing: Mapping[int, Exception] = MappingProxyType({}),
) -> list[DeadLetter]:
    """Feed *batch* to *step*, but for the *failing* records; returns the dead letters of those that are unusable."""
    records = tuple(record for record in batch.records if record.offset not in failing)
    if isinstance(step, Recalling):
        await step.recall(database, records)
    results, dead = await _read(step, records, clock)
    dead += [
        dead_letter(step.group, record, failing[record.offset], clock())
        for record in batch.records
        if record.offset in failing
    ]
    if gate is not None:
        gate.admit(len(batch.records), dead)
    if isinstance(step, Ample):
        results = await step.ahead(database, results)
    async with database.transaction() as tx:
        await batch.advance(tx)
        await step.write(tx, results)
        await letters.bury(tx, *dead)
    return dead


async def _read(step: Step[T], records: Sequence[Record], clock: Clock) -> tuple[list[T], list[DeadLetter]]:
    """What *records* come to; the loop comes round between, so that a backlog holds up nobody else."""
    results: list[T] = []
    dead: list[DeadLetter] = []
    until = time.monotonic() + _PIECE
    for record in records:
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
