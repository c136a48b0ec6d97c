"""Facts of filings as numbers, by which a search decides without reading them."""

from collections.abc import Iterable, Mapping, Sequence
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


Standing = Mapping[tuple[int, int], int | None]
"""Which set has brought a filing of a source; None: none has."""


class KeptFacts(Struct, frozen=True):
    """A filing that was read, and what its facts are."""

    filing: Decided
    issuer: int
    owners: tuple[Cik, ...]
    rows: Sequence[tuple[Any, ...]]  # the number of the row, and the facts in the order of the columns


async def standing(database: Database, filings: Sequence[Decided]) -> Standing:
    """What stands of *filings*, before they are read."""
    async with database.reading() as connection:
        return _standing(await connection.execute(_BROUGHT, {"keys": [one.filing for one in filings]}))


async def keep(database: Database, form: int, told: Sequence[KeptFacts], before: Standing) -> None:
    """Keep what is *told*, in the *form* that its columns have; not of a filing that stands otherwise than *before*."""
    if not told:
        return
    async with database.transaction() as tx:
        these = {"keys": [one.filing.filing for one in told]}
        now = _standing(await tx.execute(_BROUGHT.with_for_update(read=True), these))
        same = [one for one in told if _is_same((one.filing.filing, one.filing.source), before, now)]
        if same:
            keys = [{"at": one.filing.known, "key": one.filing.filing, "of": one.filing.source} for one in same]
            await tx.execute(_FORGET, keys)
            await tx.load(history_facts, [row for one in same for row in _rows(tx, form, one)])


def _standing(rows: Iterable[Any]) -> Standing:
    return {(row.filing, row.source): row.brought for row in rows}


def _is_same(key: tuple[int, int], before: Standing, now: Standing) -> bool:
    return key in before and key in now and before[key] == now[key]


async def forget(tx: Transaction, keys: Iterable[int], source: int | None = None) -> None:
    """The filings *keys* are about to go, or what *source* says of them: nothing is kept of it."""
    mine = select(_at.known, _at.filing, _at.source).where(_at.filing.in_(keys))
    if source is not None:
        mine = mine.where(_at.source == source)
    await tx.execute(delete(history_facts).where(tuple_(_facts.known, _facts.filing, _facts.source).in_(mine)))


def _rows(tx: Transaction, form: int, one: KeptFacts) -> Iterable[tuple[Any, ...]]:
    known, filing, source = tx.instant(one.filing.known), one.filing.filing, one.filing.source
    owners = ",".join(one.owners)
    for number, *values in one.rows:
        yield (known, filing, source, number, form, one.issuer, owners, *values)
