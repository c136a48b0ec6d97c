"""Which filings of the past can tell when somebody did something last, or within three years: few of those of decades.

A filing tells of no trade after its day. So once a purchase is known for sure, filings of days before that one tell of
no later purchase, nor of one in doubt; what a filing has, its traits say.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from service.model import calendar
from service.model.ownership import TransactionCode
from service.model.past import KeptRow
from service.model.trait import TRAIT_OF_CODE

_YEARS = 3_00_00  # that facts look at whole, as days are kept
_DEEDS = {code: TRAIT_OF_CODE[TransactionCode(code)] for code in ("P", "S", "A")}
_ALL = -1  # traits that nobody has noted
_EARLIEST = 1990_01_01  # before which a day is in doubt here


Sure = Callable[[KeptRow], bool]
"""Whether a row reports a trade that facts ask for, whatever its day."""


class Sourced(NamedTuple):
    """A filing of an owner as one source has it, in the order in which it is selected."""

    filing: int
    source: int
    issuer: int
    form: str
    known: datetime
    filed: int | None  # as days are kept, such as 20250304; likewise below
    amends: int | None
    brought: int | None
    traits: int | None
    owner: int
    better: bool  # whether a better source has it, too


class PastQuestion(NamedTuple):
    """What is looked for: what was done before *day* (a number such as 20250304), in an owner's *filings*."""

    day: int
    filings: Sequence[Sourced]  # the latest first
    amended: frozenset[int | None]  # the days of filings that theirs amend, or those of owners who file with them


def at_once(asked: PastQuestion) -> Iterator[int]:
    """The filings that are read anyway: of the last years, and amendments, which replace rows of others."""
    first = asked.day // 100 * 100 - _YEARS
    for one in asked.filings:
        if _day(one) >= first or _amends(one):
            yield one.filing


def then(asked: PastQuestion, read: Mapping[int, Iterable[KeptRow]], is_sure: Sure, *, every: bool) -> set[int]:
    """The filings that can still tell, beside those that are *read*, with their rows: the last ones; *every*: all."""
    left = [one for one in asked.filings if one.filing not in read]
    found = set[int]()
    for code, trait in _DEEDS.items() if left else ():
        those = [one for one in left if _traits(one) & trait]
        last = max(map(_day, those), default=0)
        if those and not any(last < day < asked.day for day in _sure_days(asked, read, code, is_sure)):
            found |= {one.filing for one in those if every or _day(one) == last}
    return found


def _sure_days(asked: PastQuestion, read: Mapping[int, Iterable[KeptRow]], code: str, is_sure: Sure) -> Iterator[int]:
    """The days of trades with *code* of which it is in no doubt that they were, and when."""
    for one in asked.filings:
        filed = _day(one)
        if one.filing in read and filed not in asked.amended and not _amends(one):
            for row in read[one.filing]:
                day = row.transaction_date
                if row.transaction_code == code and day is not None and _EARLIEST <= day <= filed and is_sure(row):
                    yield day


def _day(one: Sourced) -> int:
    return one.filed or number_of(calendar.dated(one.known))


def _amends(one: Sourced) -> bool:
    return one.amends is not None or one.form.endswith("/A")


def _traits(one: Sourced) -> int:
    return _ALL if one.traits is None else one.traits


def number_of(day: date) -> int:
    """As days are kept."""
    return day.year * 10_000 + day.month * 100 + day.day
