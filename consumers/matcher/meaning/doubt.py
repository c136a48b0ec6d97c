"""What a doubt is, and what stands beside a row that one can rest on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from consumers.matcher.meaning.notes import Notes
from service.model.flag import FlagCode
from service.model.ownership import Box, NonDerivativeTransaction, OwnershipDocument, Transaction

Doubt = tuple[FlagCode, Box | None, str]
"""What is odd, the box that rules take as unknown for it, and a message for a person."""

ABSURD = Decimal(1_000_000)  # USD a share; Berkshire Hathaway's class A, the dearest there is, stands below it


@dataclass(frozen=True, slots=True)
class RestOfFiling:
    """The rest of the filing, as far as it tells of a row."""

    notes: Notes
    filed_on: date | None  # None: how old a trade is cannot be told
    lowest: Mapping[str, Decimal]  # the lowest price of each security in Table I that has several

    @classmethod
    def of(cls, document: OwnershipDocument, rows: Iterable[Transaction], filed_on: date | None) -> "RestOfFiling":
        """What *document* tells of each of its *rows*."""
        return cls(Notes(document), filed_on, _lowest(rows))


def _lowest(rows: Iterable[Transaction]) -> Mapping[str, Decimal]:
    lowest: dict[str, Decimal] = {}
    for row in rows:
        price = row.transaction_price_per_share
        if price and isinstance(row, NonDerivativeTransaction) and row.security_title:
            before = lowest.get(row.security_title)
            lowest[row.security_title] = price if before is None else min(price, before)
    return lowest
