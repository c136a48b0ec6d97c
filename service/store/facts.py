"""Facts of filings as numbers, by which a search decides without reading them."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, delete, select, tuple_

from service.model.decision import Decided
from service.model.filing import Cik
from service.store.database import Database, Transaction
from service.store.schema import history_facts, history_filings

_at, _facts = history_filings.c, history_facts.c
_FORGET = delete(history_facts).where(
    _facts.known == bindparam("at"), _facts.filing == bindparam("key"), _facts.source == bindparam("of")
)
_BROUGHT = select(_at.filing, _at.source, _at.brought).where(_at.filing.in_(bindparam("keys", expanding=True)))


class Told(Struct, frozen=True):
    """A filing that was read, and what its facts are."""

    filing: Decided
    issuer: int
    owners: tuple[Cik, ...]
    rows: Sequence[tuple[Any, ...]]  # the number of the row, and the facts in the order of the columns


async def keep(database: Database, form: int, told: Sequence[Told]) -> None:
    """Keep what is *told*, in the *form* that its columns have; not of a filing that another set has brought since."""
    if not told:
        return
    async with database.transaction() as tx:
        these = {"keys": [one.filing.filing for one in told]}
        found = await tx.execute(_BROUGHT.with_for_update(read=True), these)
        standing = {(row.filing, row.source): row.brought for row in found}
        same = [one for one in told if standing.get((one.filing.filing, one.filing.source), -1) == one.filing.brought]
        if same:
            keys = [{"at": one.filing.known, "key": one.filing.filing, "of": one.filing.source} for one in same]
            await tx.execute(_FORGET, keys)
            await tx.load(history_facts, [row for one in same for row in _rows(tx, form, one)])


async def forget(tx: Transaction, keys: Iterable[int], source: int | None = None) -> None:
    """The filings *keys* are about to go, or what *source* says of them: nothing is kept of it."""
    mine = select(_at.known, _at.filing, _at.source).where(_at.filing.in_(keys))
    if source is not None:
        mine = mine.where(_at.source == source)
    await tx.execute(delete(history_facts).where(tuple_(_facts.known, _facts.filing, _facts.source).in_(mine)))


def _rows(tx: Transaction, form: int, one: Told) -> Iterable[tuple[Any, ...]]:
    known, filing, source = tx.instant(one.filing.known), one.filing.filing, one.filing.source
    owners: str | None = ",".join(one.owners)
    for number, *values in one.rows:
        yield (known, filing, source, number, form, one.issuer, owners, *values)
        owners = None
