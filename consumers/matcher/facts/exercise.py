"""What became of the shares that an exercise brought: withheld, returned, sold, kept."""

from dataclasses import dataclass
from decimal import Decimal

from consumers.matcher.facts.boxes import filed
from consumers.matcher.facts.fact import FactType, Type, Unit, percent
from consumers.matcher.subject import Subject
from consumers.titles import folded
from service.model.fact import Fact, Measure
from service.model.ownership import AcquiredDisposed, Box, TransactionCode

_EXERCISED = frozenset(
    {TransactionCode.EXERCISE, TransactionCode.IN_MONEY_EXERCISE, TransactionCode.OUT_OF_MONEY_EXERCISE}
)
_WITHHELD = frozenset({TransactionCode.WITHHOLDING})
_RETURNED = frozenset({TransactionCode.DISPOSITION_TO_ISSUER})
_SOLD = frozenset({TransactionCode.SALE})
_TRADED = "transaction_date"
_KEY = "what became of the exercise"


@dataclass(frozen=True, slots=True)
class Exercise:
    """Shares that came by exercise in Table I, and where those of the same security, held the same way, went."""

    brought: Decimal
    withheld: Decimal
    returned: Decimal  # to the company, for its price: units that are paid out in cash, say
    sold: Decimal
    rows: frozenset[str]  # the places of those that were counted

    @property
    def kept(self) -> Decimal:
        """What is left; less than 0: more was sold."""
        return self.brought - self.withheld - self.returned - self.sold


def exercise_of(subject: Subject) -> Exercise | None:
    """None: nothing was exercised for shares, or one of the rows states no number or date."""
    if _KEY not in subject.known:
        subject.known[_KEY] = _added(subject)
    known: Exercise | None = subject.known[_KEY]
    return known


def _added(subject: Subject) -> Exercise | None:
    rows = [row for row in subject.facts if row.table == "I"]
    brought = [row for row in rows if _is(row, _EXERCISED, AcquiredDisposed.ACQUIRED)]
    if not brought:
        return None
    securities = {_security(row) for row in brought}
    beside = [row for row in rows if _security(row) in securities]
    gone = [
        [row for row in beside if _is(row, codes, AcquiredDisposed.DISPOSED)] for codes in (_WITHHELD, _RETURNED, _SOLD)
    ]
    if any(filed(row, _TRADED) is None for some in (brought, *gone) for row in some):
        return None
    first = min(filed(row, _TRADED) for row in brought)
    since = [[row for row in some if filed(row, _TRADED) >= first] for some in (brought, *gone)]
    if any(Measure.SHARES not in row.measures for some in since for row in some):
        return None
    numbers = [sum((row.measures[Measure.SHARES] for row in some), Decimal(0)) for some in since]
    places = frozenset(row.place for some in since for row in some)
    return Exercise(brought=numbers[0], withheld=numbers[1], returned=numbers[2], sold=numbers[3], rows=places)


def _is(row: Fact, codes: frozenset[TransactionCode], box: AcquiredDisposed) -> bool:
    return row.transaction.transaction_code in codes and row.transaction.transaction_acquired_disposed_code is box


def _security(row: Fact) -> tuple[str, object]:
    return folded(row.transaction.security_title), row.transaction.direct_or_indirect_ownership


def _net_shares(subject: Subject) -> Decimal | None:
    found = exercise_of(subject)
    return None if found is None else found.kept


def _sold_share(subject: Subject) -> Decimal | None:
    found = exercise_of(subject)
    return None if found is None or not found.brought else percent(found.sold, found.brought)


def _applies(subject: Subject) -> bool:
    return any(row.table == "I" and _is(row, _EXERCISED, AcquiredDisposed.ACQUIRED) for row in subject.facts)


_UNKNOWN = "one of those rows states no number or no day"
_BOXES = (Box("non_derivative_table"),)

TABLE: tuple[FactType, ...] = (
    FactType(
        name="net_shares",
        type=Type.NUMBER,
        unit=Unit.SHARES,
        signed=True,
        meaning="Shares kept of an exercise: those that it brought (codes M, O and X in Table I), less those of the "
        "same security, held the same way, that were withheld or returned (F, D) or sold (S) since; less than 0: more "
        "was sold",
        unknown=_UNKNOWN,
        example="61250",
        boxes=_BOXES,
        of_filing=_net_shares,
        applies=_applies,
    ),
    FactType(
        name="sold_share",
        type=Type.NUMBER,
        unit=Unit.PERCENT,
        meaning="Shares sold since, of those that an exercise brought, as for `net_shares`; over 100: more was sold",
        unknown=_UNKNOWN,
        example="100",
        boxes=_BOXES,
        of_filing=_sold_share,
        applies=_applies,
    ),
)
