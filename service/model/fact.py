"""What rules speak of: one fact for each transaction row, in plain words. Unknown is a value."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from service.model.flag import Flag
from service.model.known import RowFacts
from service.model.ownership import Box, FootnoteId, OwnershipForm, Transaction
from service.model.word import Word


class Kind(StrEnum):
    """What a transaction row reports, in the words of a rule."""

    OPTION_GRANT = "option-grant"  # A: options, warrants, appreciation rights
    AWARD = "award"  # A: shares, restricted or performance units
    DEFERRAL = "deferral"  # A: phantom, deferred and notional units, most of them pay put off
    DIVIDEND_EQUIVALENT = "dividend-equivalent"  # A: what units earn as shares earn dividends
    CONVERTIBLE = "convertible"  # A: notes, preferred stock and classes of stock that convert
    PARTNERSHIP_UNIT = "partnership-unit"  # A: LTIP, OP and profits units
    GRANT_REVERSAL = "grant-reversal"  # A, but disposed, and nothing is left: a grant taken back
    PURCHASE = "purchase"  # P: open market or private
    SALE = "sale"  # S: open market or private
    EXERCISE = "exercise"  # M, O, X: the derivative that was exercised or vested
    EXERCISE_SHARES = "exercise-shares"  # M, O, X, C: what the exercise or conversion in another row brought
    CONVERSION = "conversion"  # C: the derivative that was converted
    WITHHOLDING = "withholding"  # F: tax or exercise price paid in shares
    DISPOSITION_TO_ISSUER = "disposition-to-issuer"  # D
    GIFT = "gift"  # G
    EXPIRY = "expiry"  # E, H
    DISCRETIONARY = "discretionary"  # I
    SMALL_ACQUISITION = "small-acquisition"  # L
    INHERITANCE = "inheritance"  # W
    VOTING_TRUST = "voting-trust"  # Z
    EQUITY_SWAP = "equity-swap"  # the box for it, beside what the code says
    TENDER = "tender"  # U
    OTHER = "other"  # J, V, rows without a code, and an A that contradicts itself


_USUAL = (Kind.PURCHASE, Kind.SALE, Kind.OPTION_GRANT, Kind.AWARD, Kind.EXERCISE, Kind.WITHHOLDING, Kind.GIFT)
USUAL_FIRST = tuple(dict.fromkeys((*_USUAL, *Kind)))
"""All kinds, in the order in which people look for them."""


class SecurityClass(StrEnum):
    """What a row is about, by its title, and by its numbers where the title does not tell."""

    OPTION = "option"
    SAR = "sar"  # appreciation right
    WARRANT = "warrant"
    RSU = "rsu"  # restricted or performance units and shares
    DEFERRAL = "deferral"  # phantom, deferred, notional and equivalent units
    DIVIDEND_EQUIVALENT = "dividend-equivalent"
    CONVERTIBLE = "convertible"  # notes, preferred stock, classes of stock that convert
    PARTNERSHIP_UNIT = "partnership-unit"
    SHARE = "share"
    OTHER = "other"  # swaps, forwards and what nothing tells of


class Measure(StrEnum):
    """A number a rule can set a threshold on."""

    SHARES = "shares"
    PRICE = "price"  # USD per share, or per derivative security
    VALUE = "value"  # USD: shares x price, or the total value filed instead
    STRIKE = "strike"  # USD: conversion or exercise price
    UNDERLYING_SHARES = "underlying_shares"
    EXERCISE_VALUE = "exercise_value"  # USD: strike x underlying shares
    OWNED_AFTER = "owned_after"  # shares
    FILING_LAG = "filing_lag"  # calendar days from the transaction to the filing


USD = frozenset({Measure.PRICE, Measure.VALUE, Measure.STRIKE, Measure.EXERCISE_VALUE})


class OwnerRole(Word):
    """What an owner is to the issuer (box 5): the ticks, and the offices that the title names."""

    DIRECTOR = "director", "Ticked in box 5"
    OFFICER = "officer", "Ticked in box 5, whatever the title"
    TEN_PERCENT_OWNER = "ten-percent-owner", "Ticked in box 5"
    OTHER = "other", "Ticked in box 5"
    CEO = "ceo", "Chief or principal executive officer, alone, jointly or for the time being"
    CFO = "cfo", "Chief or principal financial officer"
    COO = "coo", "Chief operating officer"
    CTO = "cto", "Chief technology officer"
    PRESIDENT = "president", "Of the company, not of a division"
    CHAIR = "chair", "Of the board, executive or not"
    GENERAL_COUNSEL = "general-counsel", "General counsel or chief legal officer"
    ACCOUNTING_OFFICER = "accounting-officer", "Chief or principal accounting officer"
    TREASURER = "treasurer", "Treasurer"
    SECRETARY = "secretary", "Corporate secretary"
    VICE_PRESIDENT = "vice-president", "Of any rank and of anything"
    FOUNDER = "founder", "Founder or co-founder"


class Verdict(StrEnum):
    """A claim about a filing is true, false, or cannot be told from what was filed."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, claim: bool) -> "Verdict":
        """The verdict on a claim that can be told."""
        return cls.TRUE if claim else cls.FALSE


class MeasureSource(Struct, frozen=True, kw_only=True):
    """A box that a measure rests on, and the footnotes that the box cites."""

    box: Box
    number: str  # as printed on the form: "box 5"
    footnotes: tuple[FootnoteId, ...] = ()


class Fact(Struct, frozen=True, kw_only=True):
    """One transaction row in a rule's words; a measure that is missing is unknown, never 0."""

    table: str  # "I" or "II"
    row: int  # from 1, counting the table's holdings too
    kind: Kind  # the main one
    kinds: tuple[Kind, ...] = ()  # all of them: a purchase can be a swap, too; empty: kept before rows had several
    security_class: SecurityClass | None = None  # None: likewise
    reason: str = ""  # why it is of this kind and class
    flags: tuple[Flag, ...] = ()  # what is odd in this row; what their boxes hold is in no measure
    measures: Mapping[Measure, Decimal]
    ownership: OwnershipForm | None
    transaction: Transaction  # the row as filed
    facts: RowFacts = RowFacts()  # what else is known of it; filled for alerts alone

    @property
    def place(self) -> str:
        """Where it stands on the form."""
        return f"Table {self.table} row {self.row}"


class FilingFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Facts of a filing as a whole, by their names in ``docs/facts.md``; None: unknown, and then not sent."""

    role: tuple[OwnerRole, ...] | None = None
    joint: bool | None = None
    net_value: Decimal | None = None  # USD
    net_shares: Decimal | None = None
    sold_share: Decimal | None = None  # percent
    continuation: bool | None = None
    relationship_new: bool | None = None
    relationship_ended: bool | None = None
