"""Filings of the past on a company or by an insider, by what stands in them."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, or_, select

from service.model.filing import Cik
from service.store.database import Database
from service.store.history import BEST, Place, next_behind
from service.store.schema import history_filings, history_owners

_FILING, _OWNER = history_filings.c, history_owners.c


class Chosen(Struct, frozen=True, kw_only=True):
    """Which filings are meant."""

    issuer: Cik | None = None
    owner: Cik | None = None
    since: datetime | None = None
    traits: int | None = None  # with one of these, as `service.model.trait` counts


async def keys(database: Database, chosen: Chosen, limit: int, behind: Place | None = None) -> Sequence[int]:
    """The latest *limit* of them, or those next *behind* one, as `history.key_of` has them."""
    query = select(_FILING.filing).where(BEST, *_conditions(chosen))
    if behind is not None:
        query = query.where(next_behind(behind))
    query = query.order_by(_FILING.known.desc(), _FILING.filing.desc()).limit(limit)
    async with database.reading() as connection:
        return list(await connection.scalars(query))


def _conditions(chosen: Chosen) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if chosen.issuer is not None:
        found.append(_FILING.issuer == int(chosen.issuer))
    if chosen.owner is not None:
        mine = select(_OWNER.filing).where(_OWNER.owner == int(chosen.owner))
        found.append(_FILING.filing.in_(mine))
    if chosen.since is not None:
        found.append(_FILING.known >= chosen.since)
    if chosen.traits is not None:
        found.append(or_(_FILING.traits.is_(None), _FILING.traits.bitwise_and(chosen.traits) != 0))
    return found
