"""What the owners did before on the same issuer: days since, whether they turned round, whether they always do it now.

Known is what EDGAR had accepted before the filing, and a trade of an earlier day than the row's. `past` reads it.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from consumers.kleene import all_of
from consumers.matcher.facts.boxes import filed
from consumers.matcher.facts.dealing import direction
from consumers.matcher.facts.fact import AtLeast, FactType, Type, Unit
from consumers.matcher.past import Deed, Done, Memory, last_of_month, months_before
from consumers.matcher.subject import Subject
from service.model.fact import Fact, Verdict
from service.model.filing import Cik
from service.model.known import Direction
from service.model.ownership import Box
from service.model.word import Word

_A_DAY = timedelta(days=1)
_TURNED = 18  # months
_YEARS = 3
DEEDS = {Direction.BUY: Deed.PURCHASE, Direction.SELL: Deed.SALE}
_OTHER_WAY = {Deed.PURCHASE: Deed.SALE, Deed.SALE: Deed.PURCHASE}
_BOXES = (Box("transaction_date"), Box("rpt_owner_name"))
OF_DEALS = (Box("transaction_code"), *_BOXES)

NOT_LOOKED_AT = "what was filed before is not looked at here"


class Habit(Word):
    """Whether it is what they do every year."""

    ROUTINE = "routine", "Done in the same calendar month of each of the three years before"
    OPPORTUNISTIC = "opportunistic", "Not done in that month of one of the three years before, at least"


def owners_of(subject: Subject) -> frozenset[Cik]:
    """Whose past it is."""
    return frozenset(owner.rpt_owner_cik for owner in subject.owners)


def _placed(subject: Subject, row: Fact) -> tuple[Memory, date] | None:
    """What is known before, and the day of *row*; None: one of them is not."""
    day: date | None = filed(row, "transaction_date")
    return None if subject.past is None or day is None else (subject.past, day)


def _days_since(deed: Deed, subject: Subject, row: Fact) -> Decimal | None:
    placed = _placed(subject, row)
    if placed is None:
        return None
    memory, day = placed
    owners = owners_of(subject)
    last = memory.last(deed, owners, day)
    since = None if last is None else last.day
    unclear = memory.unclear(deed, owners, since, day)
    bounds = [] if unclear is None else [(day - (unclear.latest(day) or day)).days]
    if since is None or not memory.covers(since + _A_DAY):
        if memory.complete is None or memory.complete >= day:
            return None
        bounds.append((day - memory.complete).days + 1)
    elif not bounds:
        return Decimal((day - since).days)
    return AtLeast(min(bounds))


def _why_days(deed: Deed, subject: Subject, row: Fact) -> str:
    placed = _placed(subject, row)
    if placed is None:
        return NOT_LOOKED_AT if subject.past is None else "the day of the trade is missing or in doubt"
    memory, day = placed
    owners = owners_of(subject)
    last = memory.last(deed, owners, day)
    since = None if last is None else last.day
    unclear = memory.unclear(deed, owners, since, day)
    told = [] if last is None else [f"on {since}, {last.accession}"]
    if unclear is not None:
        told.append(told_unclear(unclear))
    if since is None or not memory.covers(since + _A_DAY):
        told.append(incomplete(memory))
    return "; ".join(told)


def _reversal(subject: Subject, row: Fact) -> bool | None:
    return {Verdict.TRUE: True, Verdict.FALSE: False, Verdict.UNKNOWN: None}[_turned(subject, row)[0]]


def _turned(subject: Subject, row: Fact) -> tuple[Verdict, str]:
    if subject.past is None:
        return Verdict.UNKNOWN, NOT_LOOKED_AT
    way = direction(subject, row)
    if way is None:
        return Verdict.UNKNOWN, "whether the row is a purchase or a sale cannot be told"
    if way not in DEEDS:
        return Verdict.FALSE, "it is neither a purchase nor a sale"
    placed = _placed(subject, row)
    if placed is None:
        return Verdict.UNKNOWN, _why_days(Deed.PURCHASE, subject, row)
    memory, day = placed
    span = months_before(day, _TURNED), day - _A_DAY
    return _done_within(memory, _OTHER_WAY[DEEDS[way]], owners_of(subject), span, first_covered(memory, _TURNED))


def _done_within(
    memory: Memory, deed: Deed, owners: frozenset[Cik], span: tuple[date, date], known: date | None
) -> tuple[Verdict, str]:
    """Whether one of *owners* did it in *span*, and what tells; *known*: of which trades on that is always known."""
    first, last = span
    found = memory.within(deed, owners, first, last)
    if found is not None:
        return Verdict.TRUE, f"{deed.value} on {found.day}, {found.accession}"
    unclear = memory.unclear(deed, owners, first - _A_DAY, last + _A_DAY)
    if unclear is not None:
        return Verdict.UNKNOWN, told_unclear(unclear)
    if not memory.covers(first):
        return Verdict.UNKNOWN, f"no {deed.value} is known from {first} to {last}, but {incomplete(memory, known)}"
    return Verdict.FALSE, f"no {deed.value} from {first} to {last}"


def told_unclear(one: Done) -> str:
    """That *one* may be what is looked for."""
    return f"{one.accession} may report a {one.deed.value}, or its day is in doubt"


def incomplete(memory: Memory, known: date | None = None) -> str:
    """What is missing; *known*: from which trade on it will not matter."""
    if memory.complete is None:
        return "the past is not complete from any day on yet"
    return f"the past is complete from {memory.complete} on only" + (
        f"; known for trades from {known} on" if known else ""
    )


def first_covered(memory: Memory, months: int) -> date | None:
    """The first day of a trade before which so many *months* are complete; None: it cannot be said."""
    if memory.complete is None:
        return None
    day = months_before(memory.complete, -months)
    return day if memory.covers(months_before(day, months)) else day + _A_DAY


def _month_covered(memory: Memory) -> date | None:
    """The first day of a trade before which its month is complete in each of the years that a habit takes."""
    if memory.complete is None:
        return None
    return months_before((memory.complete - _A_DAY).replace(day=1), -12 * _YEARS - 1)


def _habits(subject: Subject, row: Fact) -> Iterator[tuple[Verdict, str]]:
    """Of each of the years before, whether it was done in the same month."""
    placed, way = _placed(subject, row), direction(subject, row)
    if way not in DEEDS:
        yield Verdict.UNKNOWN, "it is neither a purchase nor a sale" if way else _turned(subject, row)[1]
        return
    if placed is None:
        yield Verdict.UNKNOWN, _why_days(Deed.PURCHASE, subject, row)
        return
    memory, day = placed
    for year in range(day.year - _YEARS, day.year):
        span = date(year, day.month, 1), last_of_month(year, day.month)
        yield _done_within(memory, DEEDS[way], owners_of(subject), span, _month_covered(memory))


def _habit(subject: Subject, row: Fact) -> Habit | None:
    match all_of(verdict for verdict, _ in _habits(subject, row)):
        case Verdict.TRUE:
            return Habit.ROUTINE
        case Verdict.FALSE:
            return Habit.OPPORTUNISTIC
        case _:
            return None


def _why_habit(subject: Subject, row: Fact) -> str:
    """What decides: each year where all are needed, else the years that tell."""
    found = list(_habits(subject, row))
    verdict = all_of(one for one, _ in found)
    return "; ".join(said for one, said in found if one is verdict)


def _since(deed: Deed, example: str) -> FactType:
    return FactType(
        name=f"days_since_{deed.value}",
        type=Type.NUMBER,
        unit=Unit.DAYS,
        meaning=f"From the owner's last {deed.value} on the issuer's securities, which an earlier filing reports, to "
        "this trade; of several owners, whoever was the last",
        unknown="the past is not complete for so long. Where it is and has none, it is at least that long",
        example=example,
        boxes=_BOXES,
        of_row=lambda subject, row: _days_since(deed, subject, row),
        why=lambda subject, row: _why_days(deed, subject, row),
        of_past=True,
        costly=True,
    )


TABLE: tuple[FactType, ...] = (
    _since(Deed.PURCHASE, "365"),
    _since(Deed.SALE, "365"),
    _since(Deed.GRANT, "365"),
    FactType(
        name="reversal",
        type=Type.FLAG,
        meaning="Whether the owner sold in the 18 months before, and buys now, or the other way round",
        unknown="the past is not complete for so long and tells of none",
        example="true",
        boxes=OF_DEALS,
        of_row=_reversal,
        why=lambda subject, row: _turned(subject, row)[1],
        of_past=True,
        costly=True,
    ),
    FactType(
        name="habit",
        type=Type.WORD,
        words=Habit,
        meaning="Whether the owner bought (or sold) in the same calendar month of each of the three years before, too",
        unknown="the past is not complete for so long, or the row is neither a purchase nor a sale",
        example="opportunistic",
        boxes=OF_DEALS,
        of_row=_habit,
        why=_why_habit,
        of_past=True,
        costly=True,
    ),
)
