"""A headline of every sort, to be read: ``python -m tests.matcher.headlines`` prints them.

`headlines.txt` beside this file holds them as they stand; a test compares.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from consumers.matcher.headline import headline
from consumers.matcher.subject import Subject
from service.model.flag import Flag, FlagCode
from service.model.ownership import Box, TransactionCode
from tests.kit.documents import DISPOSED, GONE, a_row, a_subject, an_option, an_owner

SNAPSHOT = Path(__file__).with_name("headlines.txt")

CEO: dict[str, Any] = {"is_officer": True, "officer_title": "Chief Executive Officer"}
UNIT = {"strike": None, "expiration_date": None}
NO_BOX = {"transaction_acquired_disposed_code": None}


def unit(title: str, code: str = "A", shares: str = "12000", price: str | None = "0", **boxes: Any) -> Any:
    """A row of Table II about something that has no strike."""
    priced = {"transaction_price_per_share": price and Decimal(price)}
    return an_option(code, shares, None, security_title=title, expiration_date=None, **priced, **boxes)


def sale(shares: str, price: str | None, **boxes: Any) -> Any:
    """A sale in Table I."""
    return a_row("S", shares, price, **DISPOSED, **boxes)


def footnoted(box: str) -> dict[str, Any]:
    """A row whose *box* holds a footnote only."""
    return {"footnotes": {box: ("F1",)}}


CASES: Mapping[str, Subject] = {
    # Purchases and sales
    "purchase": a_subject(a_row("P", "25000", "20.20"), reporting_owners=(an_owner(**CEO),)),
    "purchase in several rows": a_subject(a_row("P", "1000", "10.10"), a_row("P", "3000", "10.30")),
    "purchase of preferred stock and common": a_subject(
        a_row("P", "25000", "20"), a_row("P", "100", "1000", security_title="Series A Preferred Stock")
    ),
    "purchase without a price": a_subject(a_row("P", "25000", None)),
    "purchase with its price in a footnote": a_subject(
        a_row("P", "25000", None, **footnoted("transaction_price_per_share")), footnotes={"F1": "a range"}
    ),
    "purchase of a warrant": a_subject(
        an_option("P", "2500000", "0.01", security_title="Warrant", transaction_price_per_share=Decimal("20.20"))
    ),
    "purchase of notes for a total": a_subject(
        an_option(
            "P",
            None,
            "1.15",
            security_title="Convertible Notes due 2028",
            transaction_total_value=Decimal(1155000),
            transaction_price_per_share=None,
        )
    ),
    "purchase that is a swap, too": a_subject(a_row("P", "25000", "20", equity_swap_involved=True)),
    "purchase, but disposed": a_subject(
        a_row("P", "25000", "20", **DISPOSED),
        flags=(Flag(code=FlagCode.DIRECTION, message="as the parser flags it", where="Table I row 1"),),
    ),
    "purchase in pesos": a_subject(
        a_row("P", "25000", "120", footnotes={"transaction_price_per_share": ("F1",)}),
        footnotes={"F1": "The price is in Mexican pesos (Ps. 120 per share)."},
    ),
    "purchase whose price and number could not be read": a_subject(
        a_row("P", None, None, raw={Box("transaction_price_per_share"): "$10.00", Box("transaction_shares"): "1e3"})
    ),
    "purchase for nothing": a_subject(a_row("P", "25000", "0")),
    "sale": a_subject(sale("30000", "71.05")),
    "sale under a plan": a_subject(
        sale("30000", "71.05", footnotes={"transaction_coding": ("F1",)}),
        aff10b5_one=True,
        footnotes={"F1": "Sold under a Rule 10b5-1 trading plan adopted on December 13, 2024."},
    ),
    "sale in many rows": a_subject(sale("10000", "45.10"), sale("20000", "45.905"), sale("500", "46")),
    "sale, one row without a number": a_subject(sale("10000", "45.10"), a_row("S", None, "46", **DISPOSED)),
    "sale, late": a_subject(sale("30000", "71.05", transaction_date=date(2025, 2, 14))),
    "sale, amended": a_subject(sale("30000", "71.05"), document_type="4/A"),
    # Grants
    "option grant": a_subject(an_option(), reporting_owners=(an_owner(**CEO),)),
    "option grant at two strikes": a_subject(an_option(), an_option(strike="3.50")),
    "option grant with its strike in a footnote": a_subject(
        an_option(strike=None, **footnoted("conversion_or_exercise_price")), footnotes={"F1": "see plan"}
    ),
    "option grant, but disposed": a_subject(an_option(**DISPOSED, shares_owned_following_transaction=Decimal(200000))),
    "option grant that may be none": a_subject(an_option(**DISPOSED, shares_owned_following_transaction=Decimal(7))),
    "appreciation right": a_subject(an_option(security_title="Stock Appreciation Right")),
    "grant reversal": a_subject(an_option(**GONE)),
    "award of shares": a_subject(a_row("A", "5000", "0")),
    "award of shares in place of fees": a_subject(a_row("A", "500", "31.20")),
    "award of units": a_subject(unit("Restricted Stock Units")),
    "award of performance shares": a_subject(a_row("A", "5000", "0", security_title="Performance Shares")),
    "deferral of pay": a_subject(unit("Phantom Stock Units", "A", "1234.5678", "31.20")),
    "deferral without a price": a_subject(unit("Deferred Stock Units", price=None)),
    "dividend equivalents": a_subject(unit("Dividend Equivalent Rights", shares="12.5")),
    "convertible notes": a_subject(
        an_option(
            "A",
            None,
            "1.15",
            security_title="Convertible Promissory Note",
            transaction_total_value=Decimal(1155000),
            transaction_price_per_share=None,
        )
    ),
    "convertible preferred": a_subject(
        an_option(
            "A",
            "5000",
            "12.5",
            security_title="Series B Convertible Preferred Stock",
            transaction_price_per_share=Decimal(1000),
            expiration_date=None,
        )
    ),
    "partnership units": a_subject(unit("LTIP Units")),
    # Exercises and conversions
    "exercise, part sold": a_subject(
        a_row("M", "10000", "2.91"),
        a_row("F", "2000", "45", **DISPOSED),
        sale("6000", "45"),
        an_option("M", "10000", **DISPOSED),
    ),
    "exercise, all kept": a_subject(a_row("M", "10000", "2.91"), an_option("M", "10000", **DISPOSED)),
    "exercise, all sold": a_subject(
        a_row("M", "10000", "2.91"), sale("10000", "45"), an_option("M", "10000", **DISPOSED)
    ),
    "exercise of two grants": a_subject(
        a_row("M", "15000", "2.91"),
        an_option("M", "10000", **DISPOSED),
        an_option("M", "5000", "7.25", **DISPOSED),
    ),
    "exercise without the shares": a_subject(an_option("M", "10000", **DISPOSED)),
    "exercise in Table I alone": a_subject(a_row("M", "10000", "2.91")),
    "exercise in the money": a_subject(an_option("X", "10000", "5", **DISPOSED, security_title="Warrant")),
    "exercise of a put": a_subject(
        a_row("X", "10000", "50", **DISPOSED),
        an_option("X", "10000", "50", **DISPOSED, security_title="Put Option (right to sell)"),
    ),
    "exercise of a call against the owner": a_subject(
        a_row("X", "10000", "50", **DISPOSED), an_option("X", "10000", "50", security_title="Call (obligation to sell)")
    ),
    "vesting in Table I": a_subject(
        a_row("M", "10000", None), a_row("M", "10000", None, security_title="Restricted Stock Units", **DISPOSED)
    ),
    "exercise out of the money": a_subject(an_option("O", "10000", "5", **DISPOSED, security_title="Put Option")),
    "vesting": a_subject(
        a_row("M", "12000", None), a_row("F", "4321", "45", **DISPOSED), unit("Restricted Stock Units", "M", **DISPOSED)
    ),
    "vesting of more than was awarded": a_subject(
        a_row("M", "18000", None),
        a_row("F", "7000", "45", **DISPOSED),
        unit("Performance Share Units", "M", **DISPOSED),
    ),
    "vesting into other units": a_subject(
        unit("Performance Share Units", "M", **DISPOSED), unit("Restricted Stock Units", "M", "18000")
    ),
    "vesting, and shares withheld of an earlier one": a_subject(
        a_row("F", "3000", "45", transaction_date=date(2025, 2, 28), **DISPOSED),
        a_row("M", "12000", None),
        a_row("F", "4321", "45", **DISPOSED),
        unit("Restricted Stock Units", "M", **DISPOSED),
    ),
    "exercise, and another class withheld": a_subject(
        a_row("M", "10000", "2.91"),
        a_row("F", "5000", "45", security_title="Class B Common Stock", **DISPOSED),
        an_option("M", "10000", **DISPOSED),
    ),
    "vesting without its shares": a_subject(
        a_row("F", "4321", "45", **DISPOSED), unit("Restricted Stock Units", "M", **DISPOSED)
    ),
    "phantom stock paid out": a_subject(a_row("M", "12000", None), unit("Phantom Stock", "M", **DISPOSED)),
    "phantom stock paid out in cash": a_subject(
        a_row("M", "12000", None), a_row("D", "12000", "45", **DISPOSED), unit("Phantom Stock", "M", **DISPOSED)
    ),
    "dividend equivalents paid out": a_subject(unit("Dividend Equivalent Rights", "M", "12.5", **DISPOSED)),
    "conversion": a_subject(
        a_row("C", "12000", None, security_title="Class A Common Stock"),
        unit("Class B Common Stock", "C", **DISPOSED),
    ),
    "conversion into another number": a_subject(
        a_row("C", "120000", None), unit("Series A Convertible Preferred Stock", "C", **DISPOSED)
    ),
    # Everything else
    "withholding": a_subject(a_row("F", "4321", "45", **DISPOSED)),
    "disposition to the issuer": a_subject(a_row("D", "5000", "38", **DISPOSED)),
    "disposition of options in a merger": a_subject(an_option("D", "5000", **DISPOSED)),
    "gift given": a_subject(a_row("G", "1000", "0", **DISPOSED)),
    "gift received": a_subject(a_row("G", "1000", "0")),
    "gift either way": a_subject(a_row("G", "1000", "0", **NO_BOX)),
    "expiry of a long position": a_subject(an_option("H", "10000", **DISPOSED)),
    "expiry of a short position": a_subject(an_option("E", "10000", security_title="Call Option (obligation to sell)")),
    "discretionary, in": a_subject(a_row("I", "300", "31.20")),
    "discretionary, out": a_subject(unit("Phantom Stock Units", "I", "300", "31.20", **DISPOSED)),
    "small acquisition": a_subject(a_row("L", "50", "31.20")),
    "inheritance": a_subject(a_row("W", "1000", None)),
    "inheritance, passed on": a_subject(a_row("W", "1000", None, **DISPOSED)),
    "voting trust, in": a_subject(a_row("Z", "1000", None, **DISPOSED)),
    "voting trust, out": a_subject(a_row("Z", "1000", None)),
    "tender": a_subject(a_row("U", "5000", "38", **DISPOSED)),
    "other": a_subject(a_row("J", "1000", None, **footnoted("transaction_coding")), footnotes={"F1": "see merger"}),
    "other, disposed": a_subject(a_row("J", "1000", "12", **DISPOSED)),
    "swap": a_subject(an_option("J", "25000", "20", security_title="Total Return Swap", equity_swap_involved=True)),
    "swap by its code": a_subject(a_row("K", "25000", "20", **DISPOSED)),
    "reported voluntarily": a_subject(a_row("V", "1000", "12")),
    "without a code": a_subject(a_row("P", "1000", "12", transaction_code=None)),
    "with a code that could not be read": a_subject(
        a_row("P", "1000", "12", transaction_code=None, raw={Box("transaction_code"): "P/K"})
    ),
    "without transactions": a_subject(),
    # Who, and what
    "several owners": a_subject(sale("30000", "71.05"), reporting_owners=(an_owner(), an_owner("ROE RICHARD", "2"))),
    "owner whose title is elsewhere": a_subject(
        sale("30000", "71.05"),
        reporting_owners=(an_owner(is_officer=True, officer_title="See Remarks"),),
        remarks="Chief Financial Officer and Treasurer",
    ),
    "officer without a title": a_subject(a_row(), reporting_owners=(an_owner(is_officer=True),)),
    "owner of ten percent who refers to the remarks": a_subject(
        a_row(), reporting_owners=(an_owner(is_ten_percent_owner=True, other_text="See Remarks"),), remarks="A group."
    ),
    "owner of ten percent": a_subject(a_row(), reporting_owners=(an_owner(is_ten_percent_owner=True),)),
    "stock with its par value": a_subject(a_row(security_title="Common Stock, par value $0.01 per share")),
    "ordinary shares": a_subject(a_row(security_title="Ordinary Shares")),
    "four kinds of rows": a_subject(
        sale("30000", "71.05"), a_row("G", "1000", "0", **DISPOSED), a_row("P", "10", "10"), an_option()
    ),
}


def lines() -> Iterator[str]:
    """Each case with its headline."""
    for name, subject in CASES.items():
        yield f"{name}:"
        yield f"    {headline(subject, subject.facts).removeprefix('EXAMPLE CORP [EXMP]: ')}"


def codes() -> set[TransactionCode | None]:
    """Every code that the cases have."""
    return {row.transaction.transaction_code for subject in CASES.values() for row in subject.facts}


if __name__ == "__main__":
    print("\n".join(lines()))
