"""The tape as people search it: every filing, with the alerts of a workspace on it."""

from collections.abc import Callable, Collection, Sequence

from msgspec import Struct

from service.control.tape_filter import Filter, sought
from service.model.errors import NotFound
from service.model.filing import Accession
from service.model.identity import WorkspaceId
from service.model.tape import TapeLine
from service.store import Database, alerts, tape, tape_search
from service.store.alerts import Rung
from service.store.tape_search import Place

__all__ = ["Filter", "Place", "TapeEntry", "companies", "find", "look", "search", "sieve"]


class TapeEntry(Struct, frozen=True, kw_only=True):
    """A filing, and the alerts of a workspace on it."""

    line: TapeLine
    rang: tuple[Rung, ...]


async def search(
    database: Database, workspace: WorkspaceId, wanted: Filter, limit: int, behind: Place | None = None
) -> list[TapeEntry]:
    """The latest *limit* filings that are *wanted*, or those next *behind* one; raises Faulty."""
    meant = await sought(database, workspace, wanted)
    lines = [] if meant is None else await tape_search.page(database, meant, limit, behind)
    return await _entries(database, workspace, lines)


async def sieve(database: Database, workspace: WorkspaceId, wanted: Filter) -> Callable[[TapeEntry], bool]:
    """What tells whether a filing is *wanted* that comes from now on; raises Faulty."""
    meant = await sought(database, workspace, wanted)
    if meant is None:
        return lambda _: False
    return lambda entry: tape_search.meets(entry.line, meant) and (bool(entry.rang) or not wanted.rang)


async def find(database: Database, workspace: WorkspaceId, accession: Accession) -> TapeEntry:
    """The filing *accession*; raises NotFound where it is not on the tape."""
    entry = await look(database, workspace, accession)
    if entry is None:
        raise NotFound(f"{accession} is not on the tape: it has not come yet, or came before what the database keeps")
    return entry


async def look(database: Database, workspace: WorkspaceId, accession: Accession) -> TapeEntry | None:
    """The filing *accession*; None: it is not on the tape."""
    line = await tape.find(database, accession)
    return None if line is None else (await _entries(database, workspace, [line]))[0]


async def companies(database: Database, accessions: Collection[Accession]) -> dict[Accession, str]:
    """What the companies of these filings are called; without those of filings that are not on the tape."""
    lines = await tape.several(database, accessions)
    return {accession: line.company for accession, line in lines.items() if line.company}


async def _entries(database: Database, workspace: WorkspaceId, lines: Sequence[TapeLine]) -> list[TapeEntry]:
    rung = await alerts.rung(database, workspace, [one.accession for one in lines])
    return [TapeEntry(line=one, rang=tuple(rung.get(one.accession, ()))) for one in lines]
