"""What a row says in words and dates."""

from enum import StrEnum

from consumers.matcher.facts.boxes import filed
from consumers.matcher.facts.fact import FactType, Type
from consumers.matcher.subject import Subject
from service.model.fact import Fact, Kind, SecurityClass
from service.model.flag import FlagCode
from service.model.ownership import Box, OwnershipForm, TransactionCode


class HowHeld(StrEnum):
    """How it is held."""

    DIRECT = "direct"
    INDIRECT = "indirect"


_HELD = {OwnershipForm.DIRECT: HowHeld.DIRECT, OwnershipForm.INDIRECT: HowHeld.INDIRECT}


def _ownership(_: Subject, row: Fact) -> HowHeld | None:
    return None if row.ownership is None else _HELD[row.ownership]


def _flags(subject: Subject, row: Fact) -> frozenset[FlagCode]:
    whole = (flag.code for flag in subject.document.flags if flag.where is None)
    return frozenset((*whole, *(flag.code for flag in row.flags)))


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
        name="kinds",
        type=Type.WORDS,
        words=Kind,
        meaning="All that the row reports: a purchase can be an equity swap, too",
        example="equity-swap",
        boxes=(Box("transaction_code"), Box("equity_swap_involved"), Box("security_title")),
        of_row=lambda _, row: frozenset(row.kinds),
    ),
    FactType(
        name="security_class",
        type=Type.WORD,
        words=SecurityClass,
        meaning="What the row is about, by its title, or by its numbers where the title does not tell",
        example="option",
        boxes=(Box("security_title"),),
        of_row=lambda _, row: row.security_class,
    ),
    FactType(
        name="flags",
        type=Type.WORDS,
        words=FlagCode,
        meaning="What is odd in the row, and in the filing as a whole",
        example="currency",
        boxes=(Box("every_box"),),
        of_row=_flags,
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
        of_row=lambda _, row: filed(row, "transaction_date"),
    ),
    FactType(
        name="ownership",
        type=Type.WORD,
        words=HowHeld,
        meaning="Held directly, or through somebody or something else",
        example="direct",
        boxes=(Box("direct_or_indirect_ownership"),),
        of_row=_ownership,
    ),
)
