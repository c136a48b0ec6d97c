"""The parser as a stage: form4.filings to form4.parsed."""

from collections.abc import Sequence

from consumers.parser.limits import Limits
from consumers.parser.reading import Beside, Outcome, Refused, read
from consumers.stage import Clock
from service.model.errors import UnusableDocument
from service.store import Database, Transaction
from service.vitals import Vitals
from service.wire.topics import Event, Record, Topic


class ParserStep:
    """Reads each filing's document into its whole form.

    What *beside* reads before is taken as it is; everything else, and all without it, is read here.
    """

    group = "parser"
    topic = Topic.FILINGS

    def __init__(self, clock: Clock, limits: Limits, vitals: Vitals, beside: Beside | None = None) -> None:
        self._clock = clock
        self._limits = limits
        self._vitals = vitals
        self._beside = beside
        self._known: dict[tuple[int, int], Outcome] = {}  # by partition and offset: what was read of a batch

    async def recall(self, database: Database, records: Sequence[Record]) -> None:
        """Have *records* read beside, if there are many."""
        if self._beside is None:
            return
        outcomes = await self._beside.read([record.value for record in records])
        self._known = {(one.partition, one.offset): made for one, made in zip(records, outcomes, strict=False)}

    def read(self, record: Record) -> Event:
        """The filing's event on form4.parsed; raises UnusableDocument."""
        known = self._known.pop((record.partition, record.offset), None)
        if isinstance(known, Refused):
            raise UnusableDocument(known.reason, known.message)
        parsed = known or read(record.value, self._limits, self._clock)
        if parsed.times is not None:
            self._vitals.passed(parsed.times, "parsed")
        return parsed.event

    async def write(self, tx: Transaction, results: list[Event]) -> None:
        """Emit what was read."""
        tx.emit(*results)
