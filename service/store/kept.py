"""Filings of the past as they were read: at first the log has them, then what is kept of the past."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import LargeBinary, bindparam, select, type_coerce

from service.model.filing import Accession
from service.store.database import Database, Transaction
from service.store.events import KEPT
from service.store.history import accession_of, key_of
from service.store.schema import events, history_documents, history_filings, history_notes

_EVENT = "parsed-"  # what an event's id begins with, before the accession number
_IN_LOG = select(events.c.id, events.c.value).where(events.c.id.in_(bindparam("ids", expanding=True)), KEPT)
_IN_PAST = select(history_documents).where(history_documents.c.filing.in_(bindparam("keys", expanding=True)))
_NOTES = (
    select(history_notes)
    .where(history_notes.c.filing.in_(bindparam("keys", expanding=True)))
    .order_by(history_notes.c.filing, history_notes.c.number)
)
_KNOWN = select(history_filings.c.filing).where(history_filings.c.filing.in_(bindparam("keys", expanding=True)))
_PACKED = select(events.c.id, type_coerce(events.c.value, LargeBinary).label("value")).where(
    events.c.id.in_(bindparam("ids", expanding=True)), KEPT
)


async def save(tx: Transaction, ids: Collection[str]) -> None:
    """The log is about to forget its events *ids* of form4.parsed: keep those of the past, packed as they are."""
    if not ids:
        return
    found = {key_of(row.id.removeprefix(_EVENT)): row.value for row in await tx.execute(_PACKED, {"ids": list(ids)})}
    known = (await tx.execute(_KNOWN, {"keys": list(found)})).scalars()
    await tx.load(history_documents, [(key, found[key]) for key in sorted(set(known))])


async def find(database: Database, accession: Accession) -> bytes | None:
    """What form4.parsed said of *accession*; None: it is not kept whole."""
    return (await several(database, [key_of(accession)])).get(key_of(accession))


async def several(database: Database, keys: Sequence[int]) -> dict[int, bytes]:
    """Likewise of the filings *keys*, as `history.key_of` has them; without those that are not kept whole."""
    ids = [f"{_EVENT}{accession_of(key)}" for key in keys]
    async with database.reading() as connection:
        found = {
            key_of(row.id.removeprefix(_EVENT)): row.value for row in await connection.execute(_IN_LOG, {"ids": ids})
        }
        left = [key for key in keys if key not in found]
        if left:
            found |= {row.filing: row.value for row in await connection.execute(_IN_PAST, {"keys": left})}
    return found


async def notes(database: Database, keys: Sequence[int]) -> Mapping[int, Mapping[int, str]]:
    """The footnotes of the filings *keys* by their numbers, as far as sets have them; 0: the remarks."""
    found: defaultdict[int, dict[int, str]] = defaultdict(dict)
    async with database.reading() as connection:
        for row in await connection.execute(_NOTES, {"keys": list(keys)}):
            found[row.filing][row.number] = row.text
    return found
