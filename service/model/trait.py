"""What stands in a filing, as the bits of one number: by it a database leaves out what no rule can be met by."""

from collections.abc import Mapping

from service.model.ownership import (
    DerivativeTransaction,
    NonDerivativeTransaction,
    OwnershipDocument,
    TransactionCode,
)

_ORDER = "PSVADFIMCEHOXGLWZJKU"  # stored: add at the end, and never change what is there

TRAIT_OF_CODE: Mapping[TransactionCode | None, int] = {
    None: 1 << 0,  # a transaction whose code is missing, or none that is known
    **{TransactionCode(code): 1 << place for place, code in enumerate(_ORDER, start=3)},
}
"""A transaction with this code, in Table I or II."""

SWAP = 1 << 1  # a transaction for which the box of an equity swap is ticked
AMENDMENT = 1 << 2  # it amends another filing


def traits_of(document: OwnershipDocument) -> int:
    """What stands in *document*."""
    found = AMENDMENT if document.is_amendment else 0
    for row in (*document.non_derivative_table, *document.derivative_table):
        if isinstance(row, NonDerivativeTransaction | DerivativeTransaction):
            found |= trait_of_row(row.transaction_code, row.equity_swap_involved)
    return found


def trait_of_row(code: TransactionCode | None, swap: bool | None) -> int:
    """What a transaction with *code* adds; *swap*: the box for an equity swap."""
    return TRAIT_OF_CODE[code] | (SWAP if swap else 0)
