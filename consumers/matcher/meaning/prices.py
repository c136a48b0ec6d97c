"""The price box: other currencies, other units, totals and face values."""

from collections.abc import Iterator
from decimal import Decimal

from consumers.matcher.meaning.boxes import PRICE, TOTAL
from consumers.matcher.meaning.doubt import ABSURD, Doubt, RestOfFiling
from consumers.matcher.meaning.security import UNITS, WITH_STRIKE, is_common
from consumers.parser.flags import PHANTOM
from service.model.fact import SecurityClass
from service.model.flag import FlagCode
from service.model.ownership import Box, DerivativeTransaction, Transaction

_DEAR = Decimal(10_000)  # USD a share: a handful of issuers, whose insiders trade a few shares at a time
_MANY = Decimal(1_000)  # securities
_FACE = Decimal(1_000)  # USD: notes come in thousands
_TIMES = 100  # so many times what is usual: a total


def doubts_of_price(row: Transaction, security: SecurityClass, beside: RestOfFiling) -> Iterator[Doubt]:
    """What is odd about the price or total of *row*."""
    price, shares, total = row.transaction_price_per_share, row.transaction_shares, row.transaction_total_value
    yield from said_of(row, PRICE, price, beside)
    yield from said_of(row, TOTAL, total, beside)
    if total and total > PHANTOM:
        yield FlagCode.PHANTOM_VALUE, TOTAL, f"a total of ${total:,}"
    if not price:
        return
    if total == price or (price >= _FACE and _by_value(row)):
        yield FlagCode.TOTAL_IN_PRICE, PRICE, f"${price:,} beside a total or face value in place of a number"
    elif price > ABSURD:
        yield FlagCode.ABSURD_PRICE, PRICE, f"${price:,} for each"
    elif shares:
        yield from _paid(row, security, shares * price, beside)


def said_of(row: Transaction, box: Box, number: Decimal | None, beside: RestOfFiling) -> Iterator[Doubt]:
    """What footnotes and remarks say of a *number* that is more than 0."""
    notes = beside.notes
    if not number or notes.silent:
        return
    if said := notes.foreign(row, box):
        yield FlagCode.CURRENCY, box, f"a footnote or the remarks say {said!r}, and the box is for US dollars"
    if box is not TOTAL and (said := notes.other_unit(row, box)):
        yield FlagCode.OTHER_UNIT, box, f"a footnote or the remarks say {said!r}, which is not what is counted"


def _paid(row: Transaction, security: SecurityClass, paid: Decimal, beside: RestOfFiling) -> Iterator[Doubt]:
    shares, price = row.transaction_shares or Decimal(0), row.transaction_price_per_share or Decimal(0)
    lowest = beside.lowest.get(row.security_title or "", price)
    if security is SecurityClass.CONVERTIBLE and _beyond_conversion(row, paid):
        yield FlagCode.TOTAL_IN_PRICE, PRICE, f"{shares:,} at ${price:,} is far beyond what they convert into"
    elif paid > PHANTOM:
        yield FlagCode.PHANTOM_VALUE, PRICE, f"{shares:,} at ${price:,} would be ${paid:,.0f}"
    elif price >= _DEAR and shares >= _MANY and (is_common(row) or security in WITH_STRIKE or security in UNITS):
        yield FlagCode.TOTAL_IN_PRICE, PRICE, f"{shares:,} at ${price:,} each: few shares ever cost so much"
    elif price >= _FACE and price > _TIMES * lowest:
        yield FlagCode.TOTAL_IN_PRICE, PRICE, f"${price:,} each, and ${lowest:,} in another row of the same security"


def _by_value(row: Transaction) -> bool:
    """Whether the row counts US dollars rather than securities: of what changed hands, or of what is owned after."""
    if row.transaction_total_value and row.transaction_shares is None:
        return True
    owned_by_value = row.value_owned_following_transaction is not None
    return owned_by_value and (row.shares_owned_following_transaction is None or bool(row.transaction_total_value))


def _beyond_conversion(row: Transaction, paid: Decimal) -> bool:
    """Whether notes cost far more than the shares they convert into, at their own conversion price."""
    if not isinstance(row, DerivativeTransaction):
        return False
    price, shares = row.conversion_or_exercise_price, row.underlying_security_shares
    return bool(price and shares) and paid > _TIMES * (price or 0) * (shares or 0)
