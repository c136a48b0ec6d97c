"""The parser as a stage: form4.filings to form4.parsed."""

import msgspec

from consumers.parser.document import parse
from consumers.parser.limits import Limits
from consumers.quarantine import decoded
from consumers.stage import Clock
from service.model.filing import FilingEvent
from service.model.parsed import ParsedFiling
from service.store import Transaction
from service.vitals import Vitals
from service.wire.topics import Event, Record, Topic, parsed_event


class ParserStep:
    """Reads each filing's document into its whole form."""

    group = "parser"
    topic = Topic.FILINGS

    def __init__(self, clock: Clock, limits: Limits, vitals: Vitals) -> None:
        self._clock = clock
        self._limits = limits
        self._vitals = vitals

    def read(self, record: Record) -> Event:
        """The filing's event on form4.parsed; raises UnusableDocument."""
        event = decoded(record, FilingEvent)
        document = parse(event.document.data(), self._limits)
        now = self._clock()
        times = msgspec.structs.replace(event.filing.times, parsed=now)
        filing = msgspec.structs.replace(event.filing, times=times)
        if not filing.provenance.history:
            self._vitals.passed(times, "parsed")
        return parsed_event(ParsedFiling(filing=filing, document=document), now)

    async def write(self, tx: Transaction, results: list[Event]) -> None:
        """Emit what was read."""
        tx.emit(*results)
