"""Boxes of a row that hold something else than they should. They stay as filed, and rules take them as unknown."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from consumers.matcher.meaning.boxes import OWNED, PRICE, SHARES, STRIKE, TOTAL, TRADED, UNDERLYING
from consumers.matcher.meaning.derivatives import doubts_of_derivative
from consumers.matcher.meaning.doubt import Doubt, RestOfFiling
from consumers.matcher.meaning.kinds import taken_back
from consumers.matcher.meaning.prices import doubts_of_price
from consumers.parser.flags import SECTION_16
from service.model.fact import SecurityClass
from service.model.flag import FlagCode
from service.model.ownership import Box, DerivativeTransaction, Transaction

_COUNTED = (SHARES, PRICE, TOTAL, OWNED)
_COUNTED_IN_TWO = (STRIKE, UNDERLYING)
_A_YEAR = timedelta(days=365)


def doubts_of(row: Transaction, security: SecurityClass, beside: RestOfFiling) -> Iterator[Doubt]:
    """Everything odd in *row*, which is about *security*."""
    price, shares, total = row.transaction_price_per_share, row.transaction_shares, row.transaction_total_value
    owned = row.shares_owned_following_transaction
    yield from _negative(_COUNTED, (shares, price, total, owned))
    if taken_back(row):
        yield FlagCode.DIRECTION, None, "code A (acquired from the issuer), but the box beside it says disposed"
    if row.transaction_date is not None:
        yield from _date(row.transaction_date, beside.filed_on)
    if total and shares is None and total in (owned, getattr(row, UNDERLYING, None)):
        yield FlagCode.COUNT_IN_VALUE, TOTAL, f"a total of ${total:,}, as many as the securities"
    if price or total:
        yield from doubts_of_price(row, security, beside)
    if isinstance(row, DerivativeTransaction):
        yield from _negative(_COUNTED_IN_TWO, (row.conversion_or_exercise_price, row.underlying_security_shares))
        yield from doubts_of_derivative(row, security, beside)


def _negative(boxes: tuple[Box, ...], numbers: tuple[Decimal | None, ...]) -> Iterator[Doubt]:
    for box, number in zip(boxes, numbers, strict=True):
        if number is not None and number < 0:
            yield FlagCode.NEGATIVE, box, f"{number:,} is less than 0"


def _date(traded: date, filed_on: date | None) -> Iterator[Doubt]:
    if traded < SECTION_16:
        yield FlagCode.IMPOSSIBLE_DATE, TRADED, f"traded on {traded}, before section 16 existed"
    elif filed_on is not None and traded > filed_on:
        yield FlagCode.TRADE_AFTER_FILING, TRADED, f"traded on {traded}, filed on {filed_on}"
    elif filed_on is not None and filed_on - traded > _A_YEAR:
        days = (filed_on - traded).days
        yield FlagCode.OLD_TRADE, None, f"traded on {traded}, {days:,} days before the filing"
