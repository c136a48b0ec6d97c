"""The meaning of each transaction row of a document."""

from collections.abc import Iterator, Mapping
from datetime import date

from msgspec import Struct

from consumers.matcher.meaning.doubt import RestOfFiling
from consumers.matcher.meaning.doubts import doubts_of
from consumers.matcher.meaning.kinds import Sides, kinds_of
from consumers.matcher.meaning.security import class_in_table_one, class_in_table_two
from service.model.fact import Kind, SecurityClass
from service.model.flag import Flag
from service.model.ownership import (
    Box,
    DerivativeTransaction,
    NonDerivativeTransaction,
    OwnershipDocument,
    Transaction,
)


class Meaning(Struct, frozen=True, kw_only=True):
    """What one transaction row means."""

    table: str  # "I" or "II"
    row: int  # from 1, counting the table's holdings too
    transaction: Transaction  # as filed
    kinds: tuple[Kind, ...]  # the main one first
    security_class: SecurityClass
    reason: str  # what class and kind were told by
    flags: tuple[Flag, ...]
    doubtful: frozenset[Box]  # rules take them as unknown


_NOTHING: frozenset[Box] = frozenset()


def meanings_of(document: OwnershipDocument, filed_on: date | None) -> tuple[Meaning, ...]:
    """A meaning for each transaction row, Table I first; *filed_on* None: how old a trade is cannot be told."""
    rows = tuple(_transactions(document))
    transactions = [row for _, _, row in rows]
    sides, beside, told = Sides(transactions), RestOfFiling.of(document, transactions, filed_on), _told(document)
    return tuple(_meaning(table, number, row, sides, beside, told) for table, number, row in rows)


def _meaning(
    table: str, number: int, row: Transaction, sides: Sides, beside: RestOfFiling, told: Mapping[str, list[Flag]]
) -> Meaning:
    if isinstance(row, DerivativeTransaction):
        security, reason = class_in_table_two(row, beside.notes)
    else:
        security, reason = class_in_table_one(row)
    where = f"Table {table} row {number}"
    flags = [
        Flag(code=code, message=message, where=where, box=box)
        for code, box, message in doubts_of(row, security, beside)
    ]
    doubtful = frozenset(Box(flag.box) for flag in flags if flag.box) if flags else _NOTHING
    if told:
        flags.extend(flag for flag in told.get(where, ()) if all(flag.code is not one.code for one in flags))
    kinds, why = kinds_of(row, security, sides)
    return Meaning(
        table=table,
        row=number,
        transaction=row,
        kinds=kinds,
        security_class=security,
        reason=f"{reason}; {why}" if why else reason,
        flags=tuple(flags),
        doubtful=doubtful,
    )


def _transactions(document: OwnershipDocument) -> Iterator[tuple[str, int, Transaction]]:
    for number, row in enumerate(document.non_derivative_table, 1):
        if isinstance(row, NonDerivativeTransaction):
            yield "I", number, row
    for number, entry in enumerate(document.derivative_table, 1):
        if isinstance(entry, DerivativeTransaction):
            yield "II", number, entry


def _told(document: OwnershipDocument) -> Mapping[str, list[Flag]]:
    """What reading the document flagged already, by row."""
    told: dict[str, list[Flag]] = {}
    for flag in document.flags:
        if flag.where is not None:
            told.setdefault(flag.where, []).append(flag)
    return told
