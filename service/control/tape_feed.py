"""The tape as it grows: filings as they are parsed, and again as they ring."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from msgspec import Struct

from consumers.matcher.subject import Subject
from consumers.matcher.tape import line_of
from service.control.handled import Handled
from service.control.tape import TapeEntry
from service.model.alert import Alert
from service.model.filing import Accession
from service.model.identity import WorkspaceId
from service.model.parsed import ParsedFiling
from service.model.tape import TapeLine
from service.store import Database, alerts, events, tape
from service.store.alerts import Rung
from service.store.database import EVENTS
from service.wire import decode
from service.wire.topics import Record, Topic

K = TypeVar("K")
V = TypeVar("V")

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT = 1_000  # of the latest filings, to show them again when they ring

log = structlog.get_logger()


class TapeEvent(Struct, frozen=True, kw_only=True):
    """A filing that came, or rang."""

    offset: int
    entry: TapeEntry | None  # None: this is not for the tape
    workspace: WorkspaceId | None = None  # for which it rang; None: it came, which everybody is told

    def entry_for(self, workspace: WorkspaceId) -> TapeEntry | None:
        """What *workspace* is told; None: nothing."""
        return self.entry if self.workspace in (None, workspace) else None


class TapeOrigin:
    """Parsed filings and alerts, in the one order of the ``events`` table.

    A filing is told when it is parsed, moments before it is matched; when a rule rings, it is told once more. History
    is not told: what is new stands on top, and that is old.
    """

    bell: str = EVENTS

    def __init__(self, database: Database, handled: Handled) -> None:
        self._database = database
        self._handled = handled
        self._lines: OrderedDict[Accession, TapeLine] = OrderedDict()
        self._rung: OrderedDict[tuple[Accession, WorkspaceId], tuple[Rung, ...]] = OrderedDict()

    async def bounds(self) -> tuple[int, int]:
        """Those of the whole table."""
        return await events.bounds(self._database)

    async def read(self, start: int, limit: int) -> Sequence[TapeEvent]:
        """What became of the next events; what is not for the tape is told to nobody."""
        records = await events.read_but(self._database, (Topic.FILINGS, Topic.DEAD), start, limit)
        return [await self._told(record) for record in records]

    async def stands(self) -> int:
        """Before the first that is not on the tape yet, or whose alert is not."""
        return await self._handled.before()

    def size(self, thing: TapeEvent) -> int:
        """About that of its texts."""
        return 1_000

    async def _told(self, record: Record) -> TapeEvent:
        try:
            if record.topic is Topic.ALERTS:
                return await self._rang(record.offset, decode(record.value, Alert))
            return self._came(record.offset, decode(record.value, ParsedFiling))
        except Exception:  # the alert has gone out; here it is only shown
            log.exception("line_failed", event=record.id)
            return TapeEvent(offset=record.offset, entry=None)

    def _came(self, offset: int, parsed: ParsedFiling) -> TapeEvent:
        if parsed.filing.provenance.history:
            return TapeEvent(offset=offset, entry=None)
        line = line_of(Subject.of(parsed.filing, parsed.document), parsed.filing.times.parsed or _BEGINNING)
        _keep(self._lines, line.accession, line)
        return TapeEvent(offset=offset, entry=TapeEntry(line=line, rang=()))

    async def _rang(self, offset: int, alert: Alert) -> TapeEvent:
        accession, workspace = alert.filing.accession, alert.workspace
        line = self._lines.get(accession) or await tape.find(self._database, accession)
        if line is None or line.history:
            return TapeEvent(offset=offset, entry=None)
        before = self._rung.get((accession, workspace))
        if before is None:
            known = await alerts.rung(self._database, workspace, [accession])
            before = tuple(known.get(accession, ()))
        rang = {one.id: one for one in (*before, Rung(id=alert.id, rule=alert.rule))}
        entry = TapeEntry(line=line, rang=tuple(sorted(rang.values(), key=lambda one: one.rule)))
        _keep(self._lines, accession, line)
        _keep(self._rung, (accession, workspace), entry.rang)
        return TapeEvent(offset=offset, entry=entry, workspace=workspace)


def _keep(kept: OrderedDict[K, V], key: K, value: V) -> None:
    """Keep *value* as the latest."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _KEPT:
        kept.popitem(last=False)
