"""One filing's way through the index: each thing asked of it once, however many rules ask it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from consumers.matcher.facts.fact import Level, Value
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.index.parts import Form
from consumers.matcher.match import CompiledCondition, summed_together
from consumers.matcher.subject import Subject
from service.model.fact import Kind, Measure
from service.model.rule import Per

Numbers = Sequence[int]
"""Of conditions, in order."""

Rows = int
"""Rows of a filing as bits, the first bit 0; of one without rows, whether it meets what is asked without any."""


_UNASKED = Decimal(0)
_ANY = Decimal("Infinity")  # meets every limit


class Column(Struct, frozen=True, kw_only=True):
    """What limits are held against."""

    number: int  # of its kind
    fact: str
    floor: bool  # False: limits are caps, turned round
    per: Per | None  # over which rows the number is summed; None: each row by itself


class Stretch(Struct, frozen=True, kw_only=True):
    """The conditions of one form: their numbers, in the order of their limits."""

    form: Form
    claims: tuple[int, ...]
    group: int  # the number of all stretches with these claims
    jumps: tuple[int, ...]  # of each claim: the first stretch behind for which not all claims up to it are the same
    column: Column | None
    strict: bool  # whether what equals a limit does not meet it
    given: Sequence[Decimal | date | None]  # the limits as they were asked for; None: it has none
    limits: Sequence[Decimal]  # the same as numbers: those come first that are met first
    starts: Numbers  # where each limit's conditions begin, and the end; without a column, begin and end


class Posting(Struct, frozen=True, kw_only=True):
    """The conditions that an entry of watchlists leads to."""

    numbers: Numbers
    stretches: Sequence[int]  # in which they are
    begins: Sequence[int]  # where those of each stretch begin among *numbers*, and the end


Asked = CompiledCondition | tuple[Kind, ...]
"""What is asked of rows; kinds as such, since nearly every rule asks for some."""


class Search:
    """Asks *subject* what *claims* ask, for one level of the index."""

    __slots__ = ("_bests", "_claims", "_every", "_groups", "_kinds", "_numbers", "_rows", "_stretches", "_subject")

    def __init__(self, subject: Subject, claims: Sequence[Asked], stretches: Sequence[Stretch], groups: int) -> None:
        self._subject = subject
        self._claims = claims
        self._stretches = stretches
        self._kinds = _kinds(subject)
        self._every: Rows = (1 << len(subject.facts)) - 1 or 1
        self._rows: dict[int, Rows] = {}
        self._groups: list[tuple[Rows, int] | None] = [None] * groups
        self._bests: dict[tuple[Rows, int], Decimal | None] = {}
        self._numbers: dict[str, list[Decimal | None]] = {}

    def met(self, posting: Posting) -> list[Numbers]:
        """The pieces of *posting* that are met."""
        found, place, stretches, groups = list[Numbers](), 0, self._stretches, self._groups
        numbers, inside, begins, bests = posting.numbers, posting.stretches, posting.begins, self._bests
        while place < len(inside):
            stretch = stretches[inside[place]]
            rows, behind = groups[stretch.group] or self._ask(stretch)
            if not rows:
                place = bisect_left(inside, behind, place + 1)
                continue
            begin = begins[place]
            place += 1
            end = begins[place]
            column = stretch.column
            if column is not None:
                best = bests.get((rows, column.number), _UNASKED)
                if best is _UNASKED:
                    best = bests[rows, column.number] = self._best(rows, column)
                if best is None:
                    continue
                limit = bisect_left(stretch.limits, best) if stretch.strict else bisect_right(stretch.limits, best)
                met = stretch.starts[limit]
                end = begin if met <= numbers[begin] else bisect_left(numbers, met, begin, end)
            if begin < end:
                found.append(numbers[begin:end])
        return found

    def _ask(self, stretch: Stretch) -> tuple[Rows, int]:
        """The rows that all of its claims are true for; where there are none, the first stretch that may have some."""
        found, behind, known = self._every, 0, self._rows
        for claim, jump in zip(stretch.claims, stretch.jumps, strict=True):
            answer = known.get(claim)
            if answer is None:
                answer = known[claim] = self._answer(self._claims[claim])
            found &= answer
            if not found:
                behind = jump
                break
        self._groups[stretch.group] = found, behind
        return found, behind

    def _answer(self, claim: Asked) -> Rows:
        if isinstance(claim, tuple):
            rows: Rows = 0
            for kind in claim:
                rows |= self._kinds.get(kind, 0)
            return rows
        subject = self._subject
        try:
            found = claim.matches(subject)
        except Exception:  # those who ask this are asked one by one later: that tells whose fault it is
            return self._every
        if found is None or found is subject.facts:
            return 0 if found is None else self._every
        places = {id(fact): 1 << place for place, fact in enumerate(subject.facts)}
        return sum(places[id(fact)] for fact in found)

    def _best(self, rows: Rows, column: Column) -> Decimal | None:
        """What *rows* hold against limits: the more, the more are met; None: none is."""
        try:
            values = self._sums(rows, column) if column.per else self._values(rows, column)
        except Exception:  # as above
            return _ANY
        if not values:
            return None
        return max(values) if column.floor else -min(values)

    def _values(self, rows: Rows, column: Column) -> list[Decimal]:
        every = self._numbers.get(column.fact)
        if every is None:
            every = self._numbers[column.fact] = self._read(column.fact)
        return [number for place, number in enumerate(every) if number is not None and rows & (1 << place)]

    def _read(self, name: str) -> list[Decimal | None]:
        """The fact of each row; of the filing as a whole, the same for all."""
        fact, subject = FACTS[name], self._subject
        if fact.level is Level.ROW:
            return [_number(fact.of(subject, row)) for row in subject.facts]
        return [_number(fact.of(subject))] * (len(subject.facts) or 1)

    def _sums(self, rows: Rows, column: Column) -> list[Decimal]:
        """Rows that do not state the number can only add: a floor may be reached without them, a cap may not."""
        facts = tuple(fact for place, fact in enumerate(self._subject.facts) if rows & (1 << place))
        measure, sums = Measure(column.fact), []
        for group in summed_together(facts, column.per or Per.FILING):
            stated = [fact.measures[measure] for fact in group if measure in fact.measures]
            if column.floor or len(stated) == len(group):
                sums.append(sum(stated, Decimal(0)))
        return sums


def _number(value: Value | None) -> Decimal | None:
    """*value* as limits are compared with it."""
    if isinstance(value, date):
        return Decimal(value.toordinal())
    return value if isinstance(value, Decimal) else None


def _kinds(subject: Subject) -> dict[Kind, Rows]:
    """The rows of each kind."""
    found: dict[Kind, Rows] = {}
    for place, fact in enumerate(subject.facts):
        for kind in fact.kinds:
            found[kind] = found.get(kind, 0) | (1 << place)
    return found
