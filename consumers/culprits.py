"""Which records of a batch a step fails on: one of them must not hold up all that come behind it, for ever."""

from collections.abc import Iterable
from contextlib import suppress
from typing import TypeVar

import structlog

from consumers.steps import Ample, Recalling, Step
from service.model.errors import FilingbellError
from service.store import Database
from service.wire.topics import Record

T = TypeVar("T")

log = structlog.get_logger()


class _UndoneError(Exception):
    """What was written is only tried."""


async def culprits(step: Step[T], records: Iterable[Record], database: Database) -> dict[int, Exception]:
    """By their offsets those *records* that *step* fails on when each is alone, and what it raises.

    What it writes is undone, but for what comes ahead of the batch's own transaction, which changes nothing when it
    comes again. Raises Unavailable where the database is: then nothing is said of any record.
    """
    found: dict[int, Exception] = {}
    for record in records:
        try:
            await _tried(step, record, database)
        except FilingbellError:
            raise
        except Exception as error:
            log.exception("record_fails_alone", group=step.group, accession=record.headers.get("ce_subject"))
            found[record.offset] = error
    return found


async def _tried(step: Step[T], record: Record, database: Database) -> None:
    if isinstance(step, Recalling):
        await step.recall(database, [record])
    try:
        results = [step.read(record)]
    except Exception:
        return  # it is unusable, and becomes a dead letter anyway
    if isinstance(step, Ample):
        results = await step.ahead(database, results)
    with suppress(_UndoneError):
        async with database.transaction() as tx:
            await step.write(tx, results)
            await tx.flush()
            raise _UndoneError
