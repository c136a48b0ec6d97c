"""What the tape lacks of the time before there was one: as far back as the log keeps what filings said."""

from collections.abc import AsyncIterator
from datetime import datetime

import structlog

from consumers.matcher.subject import Subject
from consumers.matcher.tape import line_of
from service.clock import Clock
from service.model.parsed import ParsedFiling
from service.model.tape import TapeLine
from service.store import Database, events, marks, tape
from service.wire import decode
from service.wire.topics import Record, Topic, accession_of

log = structlog.get_logger()

_AT_ONCE = 50  # filings in a transaction
_BREATH = 0.05  # seconds between two, for those who write


async def bring(database: Database, clock: Clock) -> AsyncIterator[None]:
    """Put what was matched and is not on the tape there, once. Whatever stops this, it begins again.

    Comes round after every few. Raises Unavailable.
    """
    if await marks.get(database, marks.TAPE) is not None:
        return
    start, _ = await events.bounds(database)
    while records := await events.read(database, Topic.PARSED, start, _AT_ONCE):
        start = records[-1].offset + 1
        told = {one: record for record in records if (one := accession_of(record)) is not None}
        lacking = await tape.lacking(database, list(told))
        lines = [line for one, at in lacking.items() if (line := _line(told[one], at)) is not None]
        async with database.transaction() as tx:
            await tape.add(tx, lines)
            await tape.ring_again(tx, lines)
        yield
        await clock.sleep(_BREATH)
    async with database.transaction() as tx:
        await marks.put(tx, marks.TAPE, clock.now())


def _line(record: Record, at: datetime) -> TapeLine | None:
    """The line of a filing that was matched *at* that time; None: this version cannot read it."""
    try:
        parsed = decode(record.value, ParsedFiling)
        return line_of(Subject.of(parsed.filing, parsed.document), at)
    except Exception:
        log.exception("line_failed", event=record.id)
        return None
