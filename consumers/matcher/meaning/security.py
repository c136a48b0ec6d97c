"""What a row is about: its title first, then strike, expiry and underlying together."""

from datetime import timedelta
from itertools import pairwise

from consumers.matcher.meaning.notes import Notes
from consumers.matcher.meaning.words import TitleWord, Vague, word_of
from service.model.fact import SecurityClass
from service.model.ownership import DerivativeTransaction, NonDerivativeTransaction, Transaction, TransactionCode

Class = tuple[SecurityClass, str]
"""A class, and why."""

WITH_STRIKE = frozenset({SecurityClass.OPTION, SecurityClass.SAR, SecurityClass.WARRANT})
"""What has a strike: anything else that stands in box 2 is a conversion price, or a share price."""

UNITS = frozenset({SecurityClass.RSU, SecurityClass.DEFERRAL, SecurityClass.DIVIDEND_EQUIVALENT})
"""What has none: a number in box 2 is 0, or the price of a share on the day."""

_SMALL = 33  # times: an addition of less than 3 %
_A_YEAR = timedelta(days=365)
_SHARE: Class = (SecurityClass.SHARE, "in Table I, and its title names nothing else")
_OPTION: Class = (SecurityClass.OPTION, "no word for it, but a strike, and no expiry within a year")
_CLASS: Class = (SecurityClass.CONVERTIBLE, "a class of stock that another underlies")
_BOUGHT: Class = (SecurityClass.DEFERRAL, "units with a price: pay that was turned into them")
_FRACTION: Class = (SecurityClass.DEFERRAL, "a fraction of a unit: pay or dividends that were turned into units")
_ADDED: Class = (SecurityClass.DEFERRAL, "a small addition to the units of an account")
_GIVEN: Class = (SecurityClass.RSU, "units without a price")
_AWARD: Class = (SecurityClass.RSU, "shares in Table II without a strike")
_UNTOLD: Class = (SecurityClass.OTHER, "neither title nor numbers tell")


def class_in_table_one(row: NonDerivativeTransaction) -> Class:
    """A share, unless the title names something else first."""
    word = word_of(row.security_title or "")
    if word is None or isinstance(word.says, Vague) or _is_a_share_with(row.security_title or ""):
        return _SHARE
    if word.says is SecurityClass.CONVERTIBLE and "onvertible" not in (row.security_title or ""):
        return _SHARE  # preferred stock that does not convert is as much a share as any
    return word.says, word.why


def class_in_table_two(row: DerivativeTransaction, notes: Notes) -> Class:
    """By its title, else by what its footnotes call it, else by its numbers."""
    word = word_of(row.security_title or "")
    if word is not None and isinstance(word.says, SecurityClass):
        return word.says, word.why
    if row.footnotes and notes.dividends(row):
        return SecurityClass.DIVIDEND_EQUIVALENT, "its footnote says dividend equivalents"
    return _by_numbers(row, word)


def is_common(row: Transaction) -> bool:
    """Whether the title of *row* is that of a share: preferred stock and notes cost what is agreed."""
    word = word_of(row.security_title or "")
    return word is not None and word.says is Vague.SHARES


def _by_numbers(row: DerivativeTransaction, word: TitleWord | None) -> Class:
    if word is not None and word.says is Vague.UNITS:
        return _into_an_account(row) or _GIVEN
    other = word is not None and _another(row.security_title, row.underlying_security_title)
    if row.conversion_or_exercise_price and (_is_old(row) or _lasts(row, unstated=not other)):
        return _OPTION
    if word is None:
        return _UNTOLD
    return _CLASS if other else _AWARD


def _into_an_account(row: DerivativeTransaction) -> Class | None:
    """Fees, pay and dividends go into an account, at a price or in fractions; awards are whole and have no price."""
    units, owned = row.transaction_shares, row.shares_owned_following_transaction
    if row.transaction_price_per_share:
        return _BOUGHT
    if units is not None and units != units.to_integral_value():
        return _FRACTION
    if units and owned and owned > units * _SMALL:
        return _ADDED
    return None


def _lasts(row: DerivativeTransaction, *, unstated: bool) -> bool:
    """Whether it is open for more than a year; *unstated*: where a box is empty."""
    traded, expires = row.transaction_date, row.expiration_date
    return unstated if traded is None or expires is None else expires - traded > _A_YEAR


def _is_old(row: DerivativeTransaction) -> bool:
    """Whether it was not granted now, and so can expire any day: it was exercised, say."""
    return row.transaction_code is TransactionCode.EXERCISE or row.transaction_code is TransactionCode.IN_MONEY_EXERCISE


def _another(title: str | None, underlying: str | None) -> bool:
    """Whether class B is what class A underlies: the titles differ by their classes, not by how they are written."""
    return underlying is not None and _class_of(title or "") != _class_of(underlying)


def _class_of(title: str) -> str:
    words = title.lower().replace(",", " ").split()
    return next((name for before, name in pairwise(words) if before in ("class", "series")), "")


def _is_a_share_with(title: str) -> bool:
    """``Common Stock (issued on exercise of options)``: in Table I it is the share that counts."""
    start = title.lower().lstrip()
    return start.startswith(("common", "class", "ordinary")) and "unit" not in start
