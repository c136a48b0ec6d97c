"""The columns of an export: a line a transaction or holding, and one for a filing without any."""

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from msgspec import Struct

from service.model.ownership import (
    DerivativeHolding,
    DerivativeTransaction,
    NonDerivativeHolding,
    OwnerRelationship,
    ReportingOwner,
)
from service.model.past import Brought, Past, Row


class CellKind(Enum):
    """What a column holds; every one may be empty."""

    TEXT = "text"
    DAY = "day"
    INSTANT = "instant"
    NUMBER = "number"  # to the last digit as filed
    FLAG = "flag"
    TEXTS = "texts"  # one an owner
    NOTES = "notes"  # by box, the footnotes that it cites


class SetColumn(Struct, frozen=True):
    """A column, and what stands in it."""

    name: str
    kind: CellKind
    of: Callable[[Past, Row | None], Any]


_SOURCES = {Brought.FEED: "edgar", Brought.SET: "data-set"}
_BOXES: tuple[tuple[str, CellKind], ...] = (
    ("security_title", CellKind.TEXT),
    ("transaction_date", CellKind.DAY),
    ("deemed_execution_date", CellKind.DAY),
    ("transaction_form_type", CellKind.TEXT),
    ("transaction_code", CellKind.TEXT),
    ("equity_swap_involved", CellKind.FLAG),
    ("transaction_timeliness", CellKind.TEXT),
    ("transaction_shares", CellKind.NUMBER),
    ("transaction_total_value", CellKind.NUMBER),
    ("transaction_price_per_share", CellKind.NUMBER),
    ("transaction_acquired_disposed_code", CellKind.TEXT),
    ("shares_owned_following_transaction", CellKind.NUMBER),
    ("value_owned_following_transaction", CellKind.NUMBER),
    ("direct_or_indirect_ownership", CellKind.TEXT),
    ("nature_of_ownership", CellKind.TEXT),
    ("conversion_or_exercise_price", CellKind.NUMBER),
    ("exercise_date", CellKind.DAY),
    ("expiration_date", CellKind.DAY),
    ("underlying_security_title", CellKind.TEXT),
    ("underlying_security_shares", CellKind.NUMBER),
    ("underlying_security_value", CellKind.NUMBER),
)


def _box(name: str) -> Callable[[Past, Row | None], Any]:
    return lambda _, row: getattr(row, name, None)


def _owners(of: Callable[[ReportingOwner], str]) -> Callable[[Past, Row | None], Any]:
    return lambda past, _: tuple(map(of, past.owners))


def _table(_: Past, row: Row | None) -> str | None:
    """Which table of the form it stands in."""
    if row is None:
        return None
    return "II" if isinstance(row, DerivativeTransaction | DerivativeHolding) else "I"


def _row(_: Past, row: Row | None) -> str | None:
    if row is None:
        return None
    return "holding" if isinstance(row, NonDerivativeHolding | DerivativeHolding) else "transaction"


def _relations(owner: ReportingOwner) -> str:
    """``director officer``."""
    said = owner.relationship
    ticked = ("director", said.is_director), ("officer", said.is_officer), *_more(said)
    return " ".join(word for word, is_one in ticked if is_one)


def _more(said: OwnerRelationship) -> Iterator[tuple[str, bool | None]]:
    yield "ten-percent-owner", said.is_ten_percent_owner
    yield "other", said.is_other


COLUMNS: tuple[SetColumn, ...] = (
    SetColumn("accession", CellKind.TEXT, lambda past, _: past.accession),
    SetColumn("form", CellKind.TEXT, lambda past, _: past.form),
    SetColumn("source", CellKind.TEXT, lambda past, _: _SOURCES[past.source]),
    SetColumn("known_at", CellKind.INSTANT, lambda past, _: past.known),
    SetColumn("filed_on", CellKind.DAY, lambda past, _: past.filed),
    SetColumn("period_of_report", CellKind.DAY, lambda past, _: past.period),
    SetColumn("amends_filing_of", CellKind.DAY, lambda past, _: past.amends),
    SetColumn("issuer_cik", CellKind.TEXT, lambda past, _: past.issuer),
    SetColumn("issuer_name", CellKind.TEXT, lambda past, _: past.company),
    SetColumn("issuer_trading_symbol", CellKind.TEXT, lambda past, _: past.symbol),
    SetColumn("aff10b5_one", CellKind.FLAG, lambda past, _: past.plan),
    SetColumn("not_subject_to_section16", CellKind.FLAG, lambda past, _: past.left),
    SetColumn("owner_ciks", CellKind.TEXTS, _owners(lambda owner: owner.rpt_owner_cik)),
    SetColumn("owner_names", CellKind.TEXTS, _owners(lambda owner: owner.rpt_owner_name or "")),
    SetColumn("owner_relations", CellKind.TEXTS, _owners(_relations)),
    SetColumn("owner_titles", CellKind.TEXTS, _owners(lambda owner: owner.relationship.officer_title or "")),
    SetColumn("table", CellKind.TEXT, _table),
    SetColumn("row", CellKind.TEXT, _row),
    *(SetColumn(name, kind, _box(name)) for name, kind in _BOXES),
    SetColumn("footnotes", CellKind.NOTES, lambda _, row: row.footnotes if row is not None else {}),
)
"""In their order."""


def lines(past: Past) -> Iterator[list[Any]]:
    """What stands in each column, line by line."""
    for row in past.rows or (None,):
        yield [column.of(past, row) for column in COLUMNS]
