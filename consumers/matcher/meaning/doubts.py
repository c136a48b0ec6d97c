"""Boxes of a row that hold something else than they should. They stay as filed, and rules take them as unknown."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from consumers.matcher.meaning.boxes import (
    EXERCISABLE,
    EXPIRY,
    OWNED,
    PRICE,
    SHARES,
    STRIKE,
    TOTAL,
    TRADED,
    UNDERLYING,
)
from consumers.matcher.meaning.kinds import taken_back
from consumers.matcher.meaning.notes import Notes
from consumers.matcher.meaning.security import UNITS, WITH_STRIKE, is_common
from service.model.fact import SecurityClass
from service.model.flag import FlagCode
from service.model.ownership import AcquiredDisposed, Box, DerivativeTransaction, Transaction, TransactionCode

Doubt = tuple[FlagCode, Box | None, str]
"""What is odd, the box that rules take as unknown for it, and a message for a person."""

_NEVER_NEGATIVE = (SHARES, PRICE, TOTAL, OWNED)
_NEVER_NEGATIVE_IN_TWO = (STRIKE, UNDERLYING)

ABSURD = Decimal(1_000_000)  # USD a share; Berkshire Hathaway's class A, the dearest there is, stands below it
PHANTOM = Decimal(100_000_000_000)  # USD; no insider's row was ever worth this much
_DEAR = Decimal(10_000)  # USD a share: a handful of issuers, whose insiders trade a few shares at a time
_MANY = Decimal(1_000)  # securities
_FACE = Decimal(1_000)  # USD: notes come in thousands
_TIMES = 100  # paid more than so many times what it converts into at its conversion price: the price is a total

_PARTS = (1, 2, 3, 4)
_MOST = 1_000_000  # shares for each of them

_SECTION_16 = date(1934, 6, 6)
_PLACEHOLDERS_UNTIL = date(1990, 1, 1)  # with a footnote: 08/08/1988, 01/01/1900, 09/09/1909
_PLACEHOLDERS_FROM = date(2099, 1, 1)  # 12/31/2099, 12/31/9999
_A_YEAR = timedelta(days=365)
_TEN_YEARS = timedelta(days=3_650)


def doubts_of(row: Transaction, security: SecurityClass, notes: Notes, filed_on: date | None) -> Iterator[Doubt]:
    """Everything odd in *row*, which is about *security*; *filed_on* None: its age cannot be told."""
    price, shares, total = row.transaction_price_per_share, row.transaction_shares, row.transaction_total_value
    yield from _negative(_NEVER_NEGATIVE, (shares, price, total, row.shares_owned_following_transaction))
    if taken_back(row):
        yield FlagCode.DIRECTION, None, "code A (acquired from the issuer), but the box beside it says disposed"
    traded = row.transaction_date
    if traded is not None:
        yield from _date(traded, filed_on)
    if price or total:
        yield from _price(row, security, notes)
    if isinstance(row, DerivativeTransaction):
        yield from _derivative(row, security, notes)


def _negative(boxes: tuple[Box, ...], numbers: tuple[Decimal | None, ...]) -> Iterator[Doubt]:
    for box, number in zip(boxes, numbers, strict=True):
        if number is not None and number < 0:
            yield FlagCode.NEGATIVE, box, f"{number:,} is less than 0"


def _date(traded: date, filed_on: date | None) -> Iterator[Doubt]:
    if traded < _SECTION_16:
        yield FlagCode.IMPOSSIBLE_DATE, TRADED, f"traded on {traded}, before section 16 existed"
    elif filed_on is not None and traded > filed_on:
        yield FlagCode.TRADE_AFTER_FILING, TRADED, f"traded on {traded}, filed on {filed_on}"
    elif filed_on is not None and filed_on - traded > _A_YEAR:
        days = (filed_on - traded).days
        yield FlagCode.OLD_TRADE, None, f"traded on {traded}, {days:,} days before the filing"


def _price(row: Transaction, security: SecurityClass, notes: Notes) -> Iterator[Doubt]:
    price, shares, total = row.transaction_price_per_share, row.transaction_shares, row.transaction_total_value
    yield from _said(row, PRICE, price, notes)
    yield from _said(row, TOTAL, total, notes)
    if total and total > PHANTOM:
        yield FlagCode.PHANTOM_VALUE, TOTAL, f"a total of ${total:,}"
    if not price:
        return
    if total == price or (price >= _FACE and _by_value(row)):
        yield FlagCode.TOTAL_IN_PRICE, PRICE, f"${price:,} beside a total or face value in place of a number"
    elif price > ABSURD:
        yield FlagCode.ABSURD_PRICE, PRICE, f"${price:,} for each"
    elif shares:
        yield from _paid(row, security, shares, price)


def _paid(row: Transaction, security: SecurityClass, shares: Decimal, price: Decimal) -> Iterator[Doubt]:
    if security is SecurityClass.CONVERTIBLE and _beyond_conversion(row, shares * price):
        yield FlagCode.TOTAL_IN_PRICE, PRICE, f"{shares:,} at ${price:,} is far beyond what they convert into"
    elif shares * price > PHANTOM:
        yield FlagCode.PHANTOM_VALUE, PRICE, f"{shares:,} at ${price:,} would be ${shares * price:,.0f}"
    elif price >= _DEAR and shares >= _MANY and is_common(row):
        yield FlagCode.TOTAL_IN_PRICE, PRICE, f"{shares:,} at ${price:,} each: few shares ever cost so much"


def _said(row: Transaction, box: Box, number: Decimal | None, notes: Notes) -> Iterator[Doubt]:
    """What is written about a *number* that is more than 0."""
    if not number or notes.silent:
        return
    if said := notes.foreign(row, box):
        yield FlagCode.CURRENCY, box, f"a footnote or the remarks say {said!r}, and the box is for US dollars"
    if box is not TOTAL and (said := notes.other_unit(row, box)):
        yield FlagCode.OTHER_UNIT, box, f"a footnote or the remarks say {said!r}, which is not what is counted"


def _by_value(row: Transaction) -> bool:
    """Whether the row counts US dollars rather than securities: of what changed hands, or of what is owned after."""
    if row.transaction_total_value and row.transaction_shares is None:
        return True
    owned_by_value = row.value_owned_following_transaction is not None
    return owned_by_value and (row.shares_owned_following_transaction is None or bool(row.transaction_total_value))


def _beyond_conversion(row: Transaction, paid: Decimal) -> bool:
    if not isinstance(row, DerivativeTransaction):
        return False
    price, shares = row.conversion_or_exercise_price, row.underlying_security_shares
    return bool(price and shares) and paid > _TIMES * (price or 0) * (shares or 0)


def _derivative(row: DerivativeTransaction, security: SecurityClass, notes: Notes) -> Iterator[Doubt]:
    numbers = (row.conversion_or_exercise_price, row.underlying_security_shares)
    yield from _negative(_NEVER_NEGATIVE_IN_TWO, numbers)
    yield from _strike(row, security, notes)
    yield from _counts(row, security)
    for box, day in ((EXERCISABLE, row.exercise_date), (EXPIRY, row.expiration_date)):
        if day is not None and _placeholder(row, box, day):
            yield FlagCode.PLACEHOLDER_DATE, box, f"{day} stands for a footnote or for nothing"
        elif box is EXPIRY and day is not None and security in WITH_STRIKE:
            yield from _expiry(row, day)


def _strike(row: DerivativeTransaction, security: SecurityClass, notes: Notes) -> Iterator[Doubt]:
    strike, underlying = row.conversion_or_exercise_price, row.underlying_security_shares
    if strike is None:
        return
    if not strike:
        if security in WITH_STRIKE and row.footnotes.get(STRIKE):
            yield FlagCode.STRIKE_ZERO, STRIKE, "a strike of 0 with a footnote: the footnote has the strike"
        return
    if security in UNITS:
        yield FlagCode.UNIT_STRIKE, STRIKE, f"${strike:,} in the box for a strike, and units have none"
        return
    yield from _said(row, STRIKE, strike, notes)
    if strike > ABSURD:
        yield FlagCode.ABSURD_PRICE, STRIKE, f"a strike of ${strike:,}"
    elif underlying and strike * underlying > PHANTOM:
        yield FlagCode.PHANTOM_VALUE, STRIKE, f"{underlying:,} at a strike of ${strike:,}"


def _counts(row: DerivativeTransaction, security: SecurityClass) -> Iterator[Doubt]:
    shares, underlying, total = row.transaction_shares, row.underlying_security_shares, row.transaction_total_value
    if total and shares is None and total in (underlying, row.shares_owned_following_transaction):
        yield FlagCode.COUNT_IN_VALUE, TOTAL, f"a total of ${total:,}, as many as the securities"
    if shares == 0 and underlying:
        yield FlagCode.ZERO_SHARES, SHARES, f"0 securities, {underlying:,} shares underlie them"
    if security in WITH_STRIKE and shares and underlying and not _in_proportion(shares, underlying, security):
        message = f"{underlying:,} shares underlie {shares:,} of them: most likely of another row or day"
        yield FlagCode.UNDERLYING_MISMATCH, UNDERLYING, message


def _in_proportion(shares: Decimal, underlying: Decimal, security: SecurityClass) -> bool:
    """Whether one is a multiple of the other, but for fractions cut off; warrants can be for 3/4 of a share, too."""
    more, fewer = max(shares, underlying), min(shares, underlying)
    if fewer <= 0 or more > fewer * _MOST:
        return fewer <= 0  # flagged as less than 0
    for parts in _PARTS if security is SecurityClass.WARRANT else (1,):
        times, rest = divmod(more * parts, fewer)
        if min(rest, fewer - rest) <= times + 1:
            return True
    return False


def _placeholder(row: DerivativeTransaction, box: Box, day: date) -> bool:
    """Whether *day* is none: alone where it cannot be, with a footnote where it can hardly be."""
    if day < _SECTION_16 or day >= _PLACEHOLDERS_FROM:
        return True
    if not row.footnotes.get(box) and not row.footnotes.get(EXPIRY):
        return False
    traded = row.transaction_date
    return day < _PLACEHOLDERS_UNTIL or (box is EXPIRY and traded is not None and traded - day > _TEN_YEARS)


def _expiry(row: DerivativeTransaction, expires: date) -> Iterator[Doubt]:
    traded, code = row.transaction_date, row.transaction_code
    if traded is None or code in (TransactionCode.SHORT_EXPIRY, TransactionCode.LONG_EXPIRY):
        return
    acquired = row.transaction_acquired_disposed_code is AcquiredDisposed.ACQUIRED
    if expires < traded or (acquired and expires == traded):  # exercised on its last day is ordinary
        yield FlagCode.EXPIRY_BEFORE_TRADE, EXPIRY, f"expires on {expires}, traded on {traded}"
