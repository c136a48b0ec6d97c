"""Every box of forms 3, 4 and 5, as typed values.

Field names are the SEC's element names in snake case (X0306 to X0609), so that the schema and the
EDGAR Ownership XML Technical Specification explain them. Three rules hold throughout:

- ``None`` in a value means *unknown*: the filing states none, or states only a footnote. Never 0.
- ``footnotes`` of a row names, box by box, the footnotes that the box cites.
- ``raw`` of a row or document keeps the text as filed wherever reading it changed or lost something.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from msgspec import Struct

from service.model.filing import Cik
from service.model.flag import Flag

Box = NewType("Box", str)
"""A field of a row by its name here, such as ``transaction_price_per_share``."""

FootnoteId = NewType("FootnoteId", str)
"""``F1`` to ``F99``."""

Notes = Mapping[Box, tuple[FootnoteId, ...]]
Raw = Mapping[Box, str]


class TransactionCode(StrEnum):
    """Box 3 of Table I, box 4 of Table II (SEC: transactionCode)."""

    PURCHASE = "P"  # open-market or private purchase
    SALE = "S"  # open-market or private sale
    VOLUNTARY = "V"  # reported voluntarily earlier than required
    AWARD = "A"  # grant, award or other acquisition from the issuer, Rule 16b-3(d)
    DISPOSITION_TO_ISSUER = "D"  # Rule 16b-3(e)
    WITHHOLDING = "F"  # exercise price or tax paid in shares
    DISCRETIONARY = "I"  # Rule 16b-3(f)
    EXERCISE = "M"  # exercise or conversion of a derivative exempted under Rule 16b-3
    CONVERSION = "C"
    SHORT_EXPIRY = "E"  # expiry of a short derivative position
    LONG_EXPIRY = "H"  # expiry or cancellation of a long derivative position with value received
    OUT_OF_MONEY_EXERCISE = "O"
    IN_MONEY_EXERCISE = "X"  # in or at the money
    GIFT = "G"  # bona fide
    SMALL_ACQUISITION = "L"  # Rule 16a-6
    INHERITANCE = "W"  # by will or the laws of descent
    VOTING_TRUST = "Z"
    OTHER = "J"  # explained in a footnote
    EQUITY_SWAP = "K"
    TENDER = "U"  # in a change of control


class AcquiredDisposed(StrEnum):
    """SEC: transactionAcquiredDisposedCode."""

    ACQUIRED = "A"
    DISPOSED = "D"


class OwnershipForm(StrEnum):
    """SEC: directOrIndirectOwnership."""

    DIRECT = "D"
    INDIRECT = "I"


class Timeliness(StrEnum):
    """SEC: transactionTimeliness; absent or empty: on time."""

    EARLY = "E"
    LATE = "L"


class NonDerivativeTransaction(Struct, frozen=True, kw_only=True, tag_field="row", tag="nonDerivativeTransaction"):
    """A row of Table I that changed hands (SEC: nonDerivativeTransaction)."""

    security_title: str | None = None  # box 1
    transaction_date: date | None = None  # box 2: the trade, not the filing
    deemed_execution_date: date | None = None  # box 2A
    transaction_form_type: str | None = None  # "4", or "5" for a row reported early
    transaction_code: TransactionCode | None = None  # box 3
    equity_swap_involved: bool | None = None
    transaction_timeliness: Timeliness | None = None
    transaction_shares: Decimal | None = None  # box 4
    transaction_total_value: Decimal | None = None  # box 4, USD, instead of shares
    transaction_price_per_share: Decimal | None = None  # box 4, USD
    transaction_acquired_disposed_code: AcquiredDisposed | None = None  # box 4
    shares_owned_following_transaction: Decimal | None = None  # box 5
    value_owned_following_transaction: Decimal | None = None  # box 5, USD, instead of shares
    direct_or_indirect_ownership: OwnershipForm | None = None  # box 6
    nature_of_ownership: str | None = None  # box 7
    footnotes: Notes = {}
    raw: Raw = {}


class NonDerivativeHolding(Struct, frozen=True, kw_only=True, tag_field="row", tag="nonDerivativeHolding"):
    """A row of Table I that is only held (SEC: nonDerivativeHolding)."""

    security_title: str | None = None  # box 1
    shares_owned_following_transaction: Decimal | None = None  # box 5
    value_owned_following_transaction: Decimal | None = None  # box 5, USD, instead of shares
    direct_or_indirect_ownership: OwnershipForm | None = None  # box 6
    nature_of_ownership: str | None = None  # box 7
    footnotes: Notes = {}
    raw: Raw = {}


class DerivativeTransaction(Struct, frozen=True, kw_only=True, tag_field="row", tag="derivativeTransaction"):
    """A row of Table II that changed hands (SEC: derivativeTransaction)."""

    security_title: str | None = None  # box 1
    conversion_or_exercise_price: Decimal | None = None  # box 2, USD per underlying share
    transaction_date: date | None = None  # box 3: the trade, not the filing
    deemed_execution_date: date | None = None  # box 3A
    transaction_form_type: str | None = None  # "4", or "5" for a row reported early
    transaction_code: TransactionCode | None = None  # box 4
    equity_swap_involved: bool | None = None
    transaction_timeliness: Timeliness | None = None
    transaction_shares: Decimal | None = None  # box 5: derivative securities, not underlying shares
    transaction_total_value: Decimal | None = None  # box 5, USD, instead of shares
    transaction_acquired_disposed_code: AcquiredDisposed | None = None  # box 5
    exercise_date: date | None = None  # box 6; often only a footnote with the vesting
    expiration_date: date | None = None  # box 6
    underlying_security_title: str | None = None  # box 7
    underlying_security_shares: Decimal | None = None  # box 7
    underlying_security_value: Decimal | None = None  # box 7, USD, instead of shares
    transaction_price_per_share: Decimal | None = None  # box 8, USD per derivative security
    shares_owned_following_transaction: Decimal | None = None  # box 9
    value_owned_following_transaction: Decimal | None = None  # box 9, USD, instead of shares
    direct_or_indirect_ownership: OwnershipForm | None = None  # box 10
    nature_of_ownership: str | None = None  # box 11
    footnotes: Notes = {}
    raw: Raw = {}


class DerivativeHolding(Struct, frozen=True, kw_only=True, tag_field="row", tag="derivativeHolding"):
    """A row of Table II that is only held (SEC: derivativeHolding)."""

    security_title: str | None = None  # box 1
    conversion_or_exercise_price: Decimal | None = None  # box 2, USD per underlying share
    exercise_date: date | None = None  # box 6
    expiration_date: date | None = None  # box 6
    underlying_security_title: str | None = None  # box 7
    underlying_security_shares: Decimal | None = None  # box 7
    underlying_security_value: Decimal | None = None  # box 7, USD, instead of shares
    shares_owned_following_transaction: Decimal | None = None  # box 9
    value_owned_following_transaction: Decimal | None = None  # box 9, USD, instead of shares
    direct_or_indirect_ownership: OwnershipForm | None = None  # box 10
    nature_of_ownership: str | None = None  # box 11
    footnotes: Notes = {}
    raw: Raw = {}


Transaction = NonDerivativeTransaction | DerivativeTransaction


class Issuer(Struct, frozen=True, kw_only=True):
    """The company whose securities these are (SEC: issuer)."""

    issuer_cik: Cik
    issuer_name: str | None = None
    issuer_trading_symbol: str | None = None  # as filed: "n/a", "NYSE: ABC", "ABC, ABC.A"
    issuer_foreign_trading_symbol: str | None = None  # X0609 on
    symbols: tuple[str, ...] = ()  # the trading symbols normalised; empty: none


class OwnerAddress(Struct, frozen=True, kw_only=True):
    """SEC: reportingOwnerAddress."""

    rpt_owner_street1: str | None = None
    rpt_owner_street2: str | None = None
    rpt_owner_city: str | None = None
    rpt_owner_state: str | None = None  # the SEC's state and country codes
    rpt_owner_zip_code: str | None = None
    rpt_owner_state_description: str | None = None
    rpt_owner_good_address: bool | None = None
    rpt_owner_non_us_address_flag: bool | None = None  # X0609 on
    rpt_owner_non_us_state_territory: str | None = None  # X0609 on
    rpt_owner_country: str | None = None  # X0609 on


class OwnerRelationship(Struct, frozen=True, kw_only=True):
    """Box 5: what the owner is to the issuer (SEC: reportingOwnerRelationship)."""

    is_director: bool | None = False  # None, here and below: neither true nor false was filed
    is_officer: bool | None = False
    is_ten_percent_owner: bool | None = False
    is_other: bool | None = False
    officer_title: str | None = None  # can be "See Remarks"
    other_text: str | None = None


class ReportingOwner(Struct, frozen=True, kw_only=True):
    """One of the 1 to 10 persons who report; none is the primary one (SEC: reportingOwner)."""

    rpt_owner_cik: Cik
    rpt_owner_name: str | None = None
    address: OwnerAddress | None = None
    relationship: OwnerRelationship = OwnerRelationship()


class OwnerSignature(Struct, frozen=True, kw_only=True):
    """SEC: ownerSignature; signatures and owners need not match in number."""

    signature_name: str | None = None
    signature_date: date | None = None


class OwnershipDocument(Struct, frozen=True, kw_only=True):
    """A form 3, 4 or 5, or an amendment of one (SEC: ownershipDocument)."""

    document_type: str  # "3", "3/A", "4", "4/A", "5", "5/A"
    issuer: Issuer
    reporting_owners: tuple[ReportingOwner, ...]
    schema_version: str | None = None  # "X0202" to "X0609"
    period_of_report: date | None = None  # the earliest transaction
    date_of_original_submission: date | None = None  # amendments: the original's date, never its accession
    not_subject_to_section16: bool | None = None  # the exit box; None: not in the document
    no_securities_owned: bool | None = None  # form 3
    form3_holdings_reported: bool | None = None  # form 5
    form4_transactions_reported: bool | None = None  # form 5
    aff10b5_one: bool | None = None  # the 10b5-1 box; None: left out, unreadable, or of a form version without it
    non_derivative_table: tuple[NonDerivativeTransaction | NonDerivativeHolding, ...] = ()
    derivative_table: tuple[DerivativeTransaction | DerivativeHolding, ...] = ()
    footnotes: Mapping[FootnoteId, str] = {}
    remarks: str | None = None
    owner_signatures: tuple[OwnerSignature, ...] = ()
    flags: tuple[Flag, ...] = ()
    raw: Raw = {}
    unrecognised: Mapping[str, str] = {}  # elements this version does not know, by path

    @property
    def is_amendment(self) -> bool:
        """Whether this amends an earlier filing (4/A): it may restate, add, or withdraw."""
        return self.document_type.endswith("/A")
