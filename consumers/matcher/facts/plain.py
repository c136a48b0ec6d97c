"""What a row says in words and dates."""

from enum import StrEnum

from consumers.matcher.facts.fact import FactType, Type
from consumers.matcher.subject import Subject
from service.model.fact import Fact, Kind
from service.model.ownership import Box, OwnershipForm, TransactionCode


class Holding(StrEnum):
    """How it is held."""

    DIRECT = "direct"
    INDIRECT = "indirect"


_HELD = {OwnershipForm.DIRECT: Holding.DIRECT, OwnershipForm.INDIRECT: Holding.INDIRECT}


def _ownership(_: Subject, row: Fact) -> Holding | None:
    return None if row.ownership is None else _HELD[row.ownership]


TABLE: tuple[FactType, ...] = (
    FactType(
        name="kind",
        type=Type.WORD,
        words=Kind,
        meaning="What the row reports",
        example="option-grant",
        boxes=(Box("transaction_code"), Box("security_title")),
        of_row=lambda _, row: row.kind,
    ),
    FactType(
        name="transaction_code",
        type=Type.WORD,
        words=TransactionCode,
        meaning="The code as filed",
        example="A",
        boxes=(Box("transaction_code"),),
        of_row=lambda _, row: row.transaction.transaction_code,
    ),
    FactType(
        name="security_title",
        type=Type.TEXT,
        meaning="The security as filed",
        example="Common Stock",
        boxes=(Box("security_title"),),
        of_row=lambda _, row: row.transaction.security_title,
    ),
    FactType(
        name="transaction_date",
        type=Type.DATE,
        meaning="The day of the trade, not of the filing",
        example="2025-03-03",
        boxes=(Box("transaction_date"),),
        of_row=lambda _, row: row.transaction.transaction_date,
    ),
    FactType(
        name="ownership",
        type=Type.WORD,
        words=Holding,
        meaning="Held directly, or through somebody or something else",
        example="direct",
        boxes=(Box("direct_or_indirect_ownership"),),
        of_row=_ownership,
    ),
)
