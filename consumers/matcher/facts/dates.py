"""What the dates of a row say: late or not, and how long until it expires."""

from datetime import date
from decimal import ROUND_DOWN, Decimal

from consumers.matcher.facts.boxes import filed
from consumers.matcher.facts.fact import FactType, Type, Unit
from consumers.matcher.subject import Subject
from service.model.calendar import add_business_days, business_days
from service.model.fact import Fact, Measure
from service.model.ownership import AcquiredDisposed, Box, Transaction, TransactionCode

_DUE = 2  # business days after the trade (section 16(a)(2)(C))
_DEEMED = 3  # business days after the trade at most, when the owner did not choose the day (Rule 16a-3(g))
_SINCE = date(2002, 8, 29)  # Sarbanes-Oxley; before, a form 4 was due by the tenth day of the next month
_GIFTS_BY_FORM_4 = date(2023, 2, 27)  # gifts that were made are due in two business days since (Release 33-11138)
_YEAR = 365  # days of the last year that there is: 9999 is a placeholder, too
_HUNDREDTHS = Decimal("0.01")


def _days_late(subject: Subject, row: Fact) -> Decimal | None:
    """0 where it came in time; unknown where the row need not be on a form 4, or the form 4 is not the first one."""
    filed_on, traded_on = subject.filed_on, row.transaction.transaction_date
    if filed_on is None or traded_on is None or Measure.FILING_LAG not in row.measures:
        return None
    if traded_on < _SINCE or subject.document.document_type != "4" or _may_wait(row.transaction):
        return None
    return Decimal(business_days(due_on(row.transaction, traded_on), filed_on))


def due_on(row: Transaction, traded_on: date) -> date:
    """The last day on which *row* was in time: the second business day after its (deemed) execution."""
    deemed = row.deemed_execution_date
    if deemed is not None and deemed > traded_on:
        traded_on = min(deemed, add_business_days(traded_on, _DEEMED))
    return add_business_days(traded_on, _DUE)


def _may_wait(row: Transaction) -> bool:
    """Whether the row could have waited for the form 5 that comes after the fiscal year (Rule 16a-3(f))."""
    code = row.transaction_code
    if row.transaction_form_type == "5" or code in (TransactionCode.SMALL_ACQUISITION, TransactionCode.INHERITANCE):
        return True
    received = row.transaction_acquired_disposed_code is AcquiredDisposed.ACQUIRED
    early = row.transaction_date is not None and row.transaction_date < _GIFTS_BY_FORM_4
    return code is TransactionCode.GIFT and (received or early)


def _years_to_expiry(_: Subject, row: Fact) -> Decimal | None:
    traded_on, expires_on = filed(row, "transaction_date"), filed(row, "expiration_date")
    if traded_on is None or expires_on is None or expires_on <= traded_on:
        return None
    return years(traded_on, expires_on)


def years(first: date, last: date) -> Decimal:
    """From *first* to *last*: whole years by the calendar, the rest in days, cut to hundredths."""
    whole = last.year - first.year
    if _anniversary(first, whole) > last:
        whole -= 1
    reached, following = _anniversary(first, whole), _anniversary(first, whole + 1)
    rest = Decimal((last - reached).days) / ((following - reached).days or _YEAR)
    return (whole + rest).quantize(_HUNDREDTHS, ROUND_DOWN)


def _anniversary(day: date, number: int) -> date:
    year = min(day.year + number, date.max.year)
    try:
        return day.replace(year=year)
    except ValueError:  # February 29
        return date(year, 3, 1)


TABLE: tuple[FactType, ...] = (
    FactType(
        name="expiration_date",
        type=Type.DATE,
        meaning="The day on which the derivative security expires",
        unknown="box 6 is empty or in doubt",
        example="2035-03-03",
        boxes=(Box("expiration_date"),),
        of_row=lambda _, row: filed(row, "expiration_date"),
    ),
    FactType(
        name="years_to_expiry",
        type=Type.NUMBER,
        unit=Unit.YEARS,
        meaning="From the trade to the expiry: whole years, and the days beyond them as hundredths, cut off",
        unknown="no day of expiry is stated, or it does not lie after the trade",
        example="9.5",
        boxes=(Box("expiration_date"), Box("transaction_date")),
        of_row=_years_to_expiry,
        costly=True,
    ),
    FactType(
        name="days_late",
        type=Type.NUMBER,
        unit=Unit.DAYS,
        meaning="Business days, by EDGAR's calendar, from the day on which the row was due to the filing; 0: in time. "
        "It is due on the second business day after the trade, by 22:00 Eastern",
        unknown="it is an amendment, a row that may wait for a form 5, a trade before that rule (2002), or its day is "
        "not known",
        example="1",
        boxes=(Box("transaction_date"), Box("deemed_execution_date"), Box("filed_on")),
        of_row=_days_late,
        costly=True,
    ),
)
