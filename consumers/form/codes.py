"""The transaction codes in words, after the General Instructions of form 4."""

from collections.abc import Mapping

from service.model.ownership import TransactionCode

_MEANINGS: Mapping[TransactionCode, str] = {
    TransactionCode.PURCHASE: "purchase, open market or private",
    TransactionCode.SALE: "sale, open market or private",
    TransactionCode.VOLUNTARY: "reported voluntarily, earlier than required",
    TransactionCode.AWARD: "grant, award or other acquisition from the issuer (Rule 16b-3(d))",
    TransactionCode.DISPOSITION_TO_ISSUER: "disposition to the issuer (Rule 16b-3(e))",
    TransactionCode.WITHHOLDING: "exercise price or tax paid with securities",
    TransactionCode.DISCRETIONARY: "discretionary transaction in an employee plan (Rule 16b-3(f))",
    TransactionCode.EXERCISE: "exercise or conversion of a derivative security (exempt under Rule 16b-3)",
    TransactionCode.CONVERSION: "conversion of a derivative security",
    TransactionCode.SHORT_EXPIRY: "expiration of a short derivative position",
    TransactionCode.LONG_EXPIRY: "expiration or cancellation of a long derivative position with value received",
    TransactionCode.OUT_OF_MONEY_EXERCISE: "exercise of an out-of-the-money derivative security",
    TransactionCode.IN_MONEY_EXERCISE: "exercise of an in-the-money or at-the-money derivative security",
    TransactionCode.GIFT: "bona fide gift",
    TransactionCode.SMALL_ACQUISITION: "small acquisition (Rule 16a-6)",
    TransactionCode.INHERITANCE: "acquired or disposed of by will or the laws of descent and distribution",
    TransactionCode.VOTING_TRUST: "deposit into or withdrawal from a voting trust",
    TransactionCode.OTHER: "other acquisition or disposition, described in a footnote",
    TransactionCode.EQUITY_SWAP: "equity swap or similar instrument",
    TransactionCode.TENDER: "disposition in a tender of shares in a change of control",
}


def meaning(code: TransactionCode) -> str:
    """What *code* says."""
    return _MEANINGS[code]
