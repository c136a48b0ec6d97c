"""What the tape lacks of the time before there was one: as far back as the log keeps what filings said."""

from collections.abc import AsyncIterator

from consumers.matcher.subject import Subject
from consumers.matcher.tape import line_of
from service.clock import Clock
from service.model.parsed import ParsedFiling
from service.store import Database, events, marks, tape
from service.wire import decode
from service.wire.topics import Topic

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
        parsed = {one.filing.accession: one for one in (decode(record.value, ParsedFiling) for record in records)}
        at = await tape.lacking(database, list(parsed))
        lines = [line_of(Subject.of(parsed[one].filing, parsed[one].document), at[one]) for one in at]
        async with database.transaction() as tx:
            await tape.add(tx, lines)
            await tape.ring_again(tx, lines)
        yield
        await clock.sleep(_BREATH)
    async with database.transaction() as tx:
        await marks.put(tx, marks.TAPE, clock.now())
