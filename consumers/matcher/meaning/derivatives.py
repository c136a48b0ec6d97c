"""The boxes of Table II: strikes, counts, and the dates of exercise and expiry."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from consumers.matcher.meaning.boxes import EXERCISABLE, EXPIRY, SHARES, STRIKE, UNDERLYING
from consumers.matcher.meaning.doubt import ABSURD, Doubt, RestOfFiling
from consumers.matcher.meaning.prices import said_of
from consumers.matcher.meaning.security import UNITS, WITH_STRIKE
from consumers.parser.flags import PHANTOM, SECTION_16
from service.model.fact import SecurityClass
from service.model.flag import FlagCode
from service.model.ownership import AcquiredDisposed, Box, DerivativeTransaction, TransactionCode

_PARTS = (1, 2, 3, 4)
_MOST = 1_000_000  # shares for each of them

_PLACEHOLDERS_UNTIL = date(1990, 1, 1)  # with a footnote: 08/08/1988, 01/01/1970
_PLACEHOLDERS_FROM = date(2099, 1, 1)  # 12/31/2099, 12/31/9999
_TEN_YEARS = timedelta(days=3_650)


def doubts_of_derivative(row: DerivativeTransaction, security: SecurityClass, beside: RestOfFiling) -> Iterator[Doubt]:
    """What is odd in the boxes that Table II alone has."""
    if row.conversion_or_exercise_price is not None:
        yield from _strike(row, row.conversion_or_exercise_price, security, beside)
    yield from _counts(row, security)
    for box, day in ((EXERCISABLE, row.exercise_date), (EXPIRY, row.expiration_date)):
        if day is not None and _placeholder(row, box, day):
            yield FlagCode.PLACEHOLDER_DATE, box, f"{day} stands for a footnote or for nothing"
        elif box is EXPIRY and day is not None and security in WITH_STRIKE:
            yield from _expiry(row, day)


def _strike(
    row: DerivativeTransaction, strike: Decimal, security: SecurityClass, beside: RestOfFiling
) -> Iterator[Doubt]:
    underlying = row.underlying_security_shares
    if not strike:
        if security in WITH_STRIKE and row.footnotes.get(STRIKE):
            yield FlagCode.STRIKE_ZERO, STRIKE, "a strike of 0 with a footnote: the footnote has the strike"
    elif security in UNITS:
        yield FlagCode.UNIT_STRIKE, STRIKE, f"${strike:,} in the box for a strike, and units have none"
    else:
        yield from said_of(row, STRIKE, strike, beside)
        if strike > ABSURD:
            yield FlagCode.ABSURD_PRICE, STRIKE, f"a strike of ${strike:,}"
        elif underlying and strike * underlying > PHANTOM:
            yield FlagCode.PHANTOM_VALUE, STRIKE, f"{underlying:,} at a strike of ${strike:,}"


def _counts(row: DerivativeTransaction, security: SecurityClass) -> Iterator[Doubt]:
    shares, underlying = row.transaction_shares, row.underlying_security_shares
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
    """Whether *day* stands for no day: by itself where it is impossible, with a footnote where it is unlikely."""
    if day < SECTION_16 or day >= _PLACEHOLDERS_FROM:
        return True
    if not row.footnotes.get(box) and not row.footnotes.get(EXPIRY):
        return False
    ahead = box is EXPIRY or row.transaction_code is TransactionCode.AWARD  # it should lie ahead of the trade
    traded = row.transaction_date
    return day < _PLACEHOLDERS_UNTIL or (ahead and traded is not None and traded - day > _TEN_YEARS)


def _expiry(row: DerivativeTransaction, expires: date) -> Iterator[Doubt]:
    traded, code = row.transaction_date, row.transaction_code
    if traded is None or code in (TransactionCode.SHORT_EXPIRY, TransactionCode.LONG_EXPIRY):
        return
    acquired = row.transaction_acquired_disposed_code is AcquiredDisposed.ACQUIRED
    if expires < traded or (acquired and expires == traded):  # exercised on its last day is ordinary
        yield FlagCode.EXPIRY_BEFORE_TRADE, EXPIRY, f"expires on {expires}, traded on {traded}"
