"""Filings as the matcher sees them, made in a line."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from consumers.language.rules import rules, watchlists
from consumers.matcher.alerts import alert_of
from consumers.matcher.explain import explain
from consumers.matcher.match import CompiledRule
from consumers.matcher.subject import Subject
from service.model.alert import Alert
from service.model.fact import SecurityClass
from service.model.filing import Accession, Cik, Filing, Links, Times
from service.model.ownership import (
    AcquiredDisposed,
    DerivativeTransaction,
    Issuer,
    NonDerivativeTransaction,
    OwnerRelationship,
    OwnershipDocument,
    OwnershipForm,
    ReportingOwner,
    TransactionCode,
)

ONE_OF_EACH = {
    SecurityClass.OPTION: "Stock Option (right to buy)",
    SecurityClass.SAR: "Stock Appreciation Rights",
    SecurityClass.WARRANT: "Warrant to Purchase Common Stock",
    SecurityClass.RSU: "Restricted Stock Units",
    SecurityClass.DEFERRAL: "Phantom Stock Units",
    SecurityClass.DIVIDEND_EQUIVALENT: "Dividend Equivalent Rights",
    SecurityClass.CONVERTIBLE: "Convertible Promissory Note",
    SecurityClass.PARTNERSHIP_UNIT: "LTIP Units",
    SecurityClass.OTHER: "Total Return Swap",
}
"""A title of each class but shares, which are what a title without other words says in Table I."""

DISPOSED: dict[str, Any] = {"transaction_acquired_disposed_code": AcquiredDisposed.DISPOSED}
GONE = DISPOSED | {"shares_owned_following_transaction": Decimal(0)}

NOW = datetime(2025, 3, 5, 15, tzinfo=UTC)
ACCESSION = Accession("0009990900-25-000001")


def a_filing(**fields: Any) -> Filing:
    """A form 4 that the feed listed."""
    stated: dict[str, Any] = {
        "accession": ACCESSION,
        "form": "4",
        "issuer_cik": Cik("0009900001"),
        "issuer_name": "EXAMPLE CORP",
        "filed_on": date(2025, 3, 5),
        "links": Links(index="https://www.sec.gov/i.htm", submission="https://www.sec.gov/s.txt"),
        "times": Times(),
    }
    return Filing(**(stated | fields))


def a_row(code: str = "P", shares: str | None = "1000", price: str | None = "10", **fields: Any) -> Any:
    """A row of Table I."""
    stated: dict[str, Any] = {
        "security_title": "Common Stock",
        "transaction_date": date(2025, 3, 3),
        "transaction_code": TransactionCode(code),
        "transaction_shares": shares and Decimal(shares),
        "transaction_price_per_share": price and Decimal(price),
        "transaction_acquired_disposed_code": AcquiredDisposed.ACQUIRED,
        "direct_or_indirect_ownership": OwnershipForm.DIRECT,
    }
    return NonDerivativeTransaction(**(stated | fields))


def an_option(code: str = "A", shares: str | None = "200000", strike: str | None = "2.91", **fields: Any) -> Any:
    """A row of Table II: an option grant, unless told otherwise."""
    stated: dict[str, Any] = {
        "security_title": "Stock Option (right to buy)",
        "transaction_date": date(2025, 3, 3),
        "transaction_code": TransactionCode(code),
        "transaction_shares": shares and Decimal(shares),
        "transaction_price_per_share": Decimal(0),
        "transaction_acquired_disposed_code": AcquiredDisposed.ACQUIRED,
        "conversion_or_exercise_price": strike and Decimal(strike),
        "underlying_security_title": "Common Stock",
        "underlying_security_shares": shares and Decimal(shares),
        "expiration_date": date(2035, 3, 3),
        "direct_or_indirect_ownership": OwnershipForm.DIRECT,
    }
    return DerivativeTransaction(**(stated | fields))


def an_owner(name: str = "DOE JANE", cik: str = "0009800001", **ticks: Any) -> ReportingOwner:
    """A director, unless told otherwise."""
    relationship = OwnerRelationship(**(ticks or {"is_director": True}))
    return ReportingOwner(rpt_owner_cik=Cik(cik), rpt_owner_name=name, relationship=relationship)


def a_document(*rows: Any, **fields: Any) -> OwnershipDocument:
    """A document with *rows*, each in its table."""
    stated: dict[str, Any] = {
        "document_type": "4",
        "schema_version": "X0508",
        "issuer": Issuer(
            issuer_cik=Cik("0009900001"),
            issuer_name="EXAMPLE CORP",
            issuer_trading_symbol="EXMP",
            symbols=("EXMP",),
        ),
        "reporting_owners": (an_owner(),),
        "aff10b5_one": False,
        "non_derivative_table": tuple(row for row in rows if isinstance(row, NonDerivativeTransaction)),
        "derivative_table": tuple(row for row in rows if isinstance(row, DerivativeTransaction)),
    }
    return OwnershipDocument(**(stated | fields))


def a_subject(*rows: Any, **fields: Any) -> Subject:
    """What the matcher looks at."""
    return Subject.of(a_filing(), a_document(*rows, **fields))


def a_rule(lists: dict[str, Any] | None = None, **settings: Any) -> CompiledRule:
    """The rule that *settings* configure."""
    section = {"rule": {"channels": ["desk"]} | settings}
    (rule,) = rules(section, watchlists(lists), {"desk"})
    return CompiledRule.of(rule)


@dataclass(frozen=True, slots=True)
class Met:
    """How a rule fared, by both ways of asking."""

    rows: int | None
    verdict: str


def met(rule: CompiledRule, subject: Subject) -> Met:
    """Ask `matches` and `explain` alike."""
    rows = rule.matches(subject)
    return Met(None if rows is None else len(rows), explain(rule, subject).verdict.value)


def an_alert(*rows: Any, settings: dict[str, Any] | None = None, **fields: Any) -> Alert:
    subject = a_subject(*(rows or (an_option(),)), **fields)
    rule = a_rule(**(settings or {}))
    return alert_of(rule, subject, rule.matches(subject) or ())
