"""Rows of Tables I and II as the quarterly sets have them."""

from datetime import date

from tests.kit.quarters import a_day

_STOCK, _OPTION, _UNITS = "Common Stock", "Stock Option (Right to Buy)", "Restricted Stock Units"
NOTES = {
    "F1": "The price reported is a weighted average. The shares were traded in multiple transactions.",
    "F2": "Held by a family trust of which the reporting person is a trustee.",
    "F3": "Each restricted stock unit represents a contingent right to receive one share of common stock.",
    "F4": "Effected pursuant to a Rule 10b5-1 trading plan adopted by the reporting person on March 1, 2023.",
    "F5": "The option vests in four equal annual instalments beginning on the first anniversary of the grant.",
}

Cells = dict[str, str]
Rows = list[tuple[str, Cells]]
"""Each with its table."""


def trade(
    day: date, code: str, shares: int, price: float, after: int, *, out: bool = False, nature: str = ""
) -> tuple[str, Cells]:
    """A transaction of Table I."""
    cells = _changed(day, code, shares, price, after, out=out) | {"SECURITY_TITLE": _STOCK}
    if nature:
        cells |= {"DIRECT_INDIRECT_OWNERSHIP": "I", "NATURE_OF_OWNERSHIP": nature, "NATURE_OF_OWNERSHIP_FN": "F2"}
    if code in "PS":
        cells["TRANS_PRICEPERSHARE_FN"] = "F1"
    return "NONDERIV_TRANS", cells


def option(day: date, code: str, count: int, strike: float, after: int) -> tuple[str, Cells]:
    """Options in Table II, granted or exercised."""
    return "DERIV_TRANS", _changed(day, code, count, 0, after, out=code == "M") | {
        "SECURITY_TITLE": _OPTION,
        "CONV_EXERCISE_PRICE": number_of(strike),
        "EXCERCISE_DATE_FN": "F5",
        "EXPIRATION_DATE": a_day(date(day.year + 10, day.month, min(day.day, 28))),
        "UNDLYNG_SEC_TITLE": _STOCK,
        "UNDLYNG_SEC_SHARES": number_of(count),
    }


def unit(day: date, code: str, count: int, after: int) -> tuple[str, Cells]:
    """Restricted units in Table II, granted or vested."""
    return "DERIV_TRANS", _changed(day, code, count, 0, after, out=code == "M") | {
        "SECURITY_TITLE": _UNITS,
        "CONV_EXERCISE_PRICE_FN": "F3",
        "EXCERCISE_DATE": "08-AUG-1988" if count % 50 == 0 else "",
        "EXCERCISE_DATE_FN": "F5",
        "UNDLYNG_SEC_TITLE": _STOCK,
        "UNDLYNG_SEC_SHARES": number_of(count),
    }


def _changed(day: date, code: str, shares: int, price: float, after: int, *, out: bool) -> Cells:
    return {
        "TRANS_DATE": a_day(day),
        "TRANS_FORM_TYPE": "4",
        "TRANS_CODE": code,
        "EQUITY_SWAP_INVOLVED": "0",
        "TRANS_SHARES": number_of(shares),
        "TRANS_PRICEPERSHARE": number_of(price),
        "TRANS_ACQUIRED_DISP_CD": "D" if out else "A",
        "SHRS_OWND_FOLWNG_TRANS": number_of(after),
        "DIRECT_INDIRECT_OWNERSHIP": "D",
    }


def held(shares: int, *, nature: str = "") -> tuple[str, Cells]:
    """A holding of Table I."""
    return "NONDERIV_HOLDING", {
        "SECURITY_TITLE": _STOCK,
        "SHRS_OWND_FOLWNG_TRANS": number_of(shares),
        "DIRECT_INDIRECT_OWNERSHIP": "I" if nature else "D",
        "NATURE_OF_OWNERSHIP": nature,
    }


def number_of(number: float) -> str:
    """As the sets write it."""
    return str(float(number))
