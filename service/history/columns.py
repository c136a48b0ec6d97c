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


class Kind(Enum):
    """What a column holds; every one may be empty."""

    TEXT = "text"
    DAY = "day"
    INSTANT = "instant"
    NUMBER = "number"  # to the last digit as filed
    FLAG = "flag"
    TEXTS = "texts"  # one an owner
    NOTES = "notes"  # by box, the footnotes that it cites


class Column(Struct, frozen=True):
    """A column, and what stands in it."""

    name: str
    kind: Kind
    of: Callable[[Past, Row | None], Any]


_SOURCES = {Brought.FEED: "edgar", Brought.SET: "data-set"}
_BOXES: tuple[tuple[str, Kind], ...] = (
    ("security_title", Kind.TEXT),
    ("transaction_date", Kind.DAY),
    ("deemed_execution_date", Kind.DAY),
    ("transaction_form_type", Kind.TEXT),
    ("transaction_code", Kind.TEXT),
    ("equity_swap_involved", Kind.FLAG),
    ("transaction_timeliness", Kind.TEXT),
    ("transaction_shares", Kind.NUMBER),
    ("transaction_total_value", Kind.NUMBER),
    ("transaction_price_per_share", Kind.NUMBER),
    ("transaction_acquired_disposed_code", Kind.TEXT),
    ("shares_owned_following_transaction", Kind.NUMBER),
    ("value_owned_following_transaction", Kind.NUMBER),
    ("direct_or_indirect_ownership", Kind.TEXT),
    ("nature_of_ownership", Kind.TEXT),
    ("conversion_or_exercise_price", Kind.NUMBER),
    ("exercise_date", Kind.DAY),
    ("expiration_date", Kind.DAY),
    ("underlying_security_title", Kind.TEXT),
    ("underlying_security_shares", Kind.NUMBER),
    ("underlying_security_value", Kind.NUMBER),
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


COLUMNS: tuple[Column, ...] = (
    Column("accession", Kind.TEXT, lambda past, _: past.accession),
    Column("form", Kind.TEXT, lambda past, _: past.form),
    Column("source", Kind.TEXT, lambda past, _: _SOURCES[past.source]),
    Column("known_at", Kind.INSTANT, lambda past, _: past.known),
    Column("filed_on", Kind.DAY, lambda past, _: past.filed),
    Column("period_of_report", Kind.DAY, lambda past, _: past.period),
    Column("amends_filing_of", Kind.DAY, lambda past, _: past.amends),
    Column("issuer_cik", Kind.TEXT, lambda past, _: past.issuer),
    Column("issuer_name", Kind.TEXT, lambda past, _: past.company),
    Column("issuer_trading_symbol", Kind.TEXT, lambda past, _: past.symbol),
    Column("aff10b5_one", Kind.FLAG, lambda past, _: past.plan),
    Column("not_subject_to_section16", Kind.FLAG, lambda past, _: past.left),
    Column("owner_ciks", Kind.TEXTS, _owners(lambda owner: owner.rpt_owner_cik)),
    Column("owner_names", Kind.TEXTS, _owners(lambda owner: owner.rpt_owner_name or "")),
    Column("owner_relations", Kind.TEXTS, _owners(_relations)),
    Column("owner_titles", Kind.TEXTS, _owners(lambda owner: owner.relationship.officer_title or "")),
    Column("table", Kind.TEXT, _table),
    Column("row", Kind.TEXT, _row),
    *(Column(name, kind, _box(name)) for name, kind in _BOXES),
    Column("footnotes", Kind.NOTES, lambda _, row: row.footnotes if row is not None else {}),
)
"""In their order."""


def lines(past: Past) -> Iterator[list[Any]]:
    """What stands in each column, line by line."""
    for row in past.rows or (None,):
        yield [column.of(past, row) for column in COLUMNS]
