"""Which row of an amendment stands for which row of what it amends.

Rows that say the same in every box are pairs. Of the others those belong together of which something tells that they
are the same: the likest first, by the weights below. What can be meant in two ways stays open.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import IntEnum

from consumers.amendments.boxes import NAMES, is_holding, is_same, meant, says_the_same
from service.model.ownership import AcquiredDisposed
from service.model.past import Row

_WEIGHTS: Mapping[str, int] = {  # what a box tells of rows being the same, if both state it alike
    "transaction_shares": 4,
    "transaction_total_value": 4,
    "shares_owned_following_transaction": 3,
    "value_owned_following_transaction": 3,
    "transaction_price_per_share": 3,
    "conversion_or_exercise_price": 3,
    "transaction_date": 3,
    "transaction_code": 3,
    "security_title": 2,
    "expiration_date": 2,
    "nature_of_ownership": 2,
    "underlying_security_shares": 1,
    "exercise_date": 1,
    "underlying_security_title": 1,
    "transaction_acquired_disposed_code": 1,
    "direct_or_indirect_ownership": 1,
}
_EXACT = Context(prec=99)
_OWNED = "shares_owned_following_transaction"
_LINE = ("security_title", "direct_or_indirect_ownership", "nature_of_ownership")  # what is counted together
_TRADE = ("security_title", "transaction_date", "transaction_code")
_MOST = 100  # rows of a table that are compared; EDGAR accepts 30

Tables = Mapping[str, Sequence[Row]]
"""The rows of Table ``I`` and of Table ``II``."""


class Tie(IntEnum):
    """How sure it is that two rows are the same."""

    OPEN = 0  # a row that changed, or another one: both can be meant
    SURE = 1
    EQUAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A row and what stands for it, by their places in their tables, from 0."""

    old: int
    new: int
    tie: Tie
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """All rows of one table."""

    table: str
    olds: Sequence[Row]
    news: Sequence[Row]
    pairs: tuple[Pair, ...]  # in the order of the amendment
    added: tuple[int, ...]  # places in the amendment
    missing: tuple[int, ...]  # places in what is amended

    @property
    def weight(self) -> int:
        """How much the two have in common."""
        return sum(pair.weight for pair in self.pairs)

    def holds(self, pair: Pair) -> bool:
        """Whether *pair* only says what is held."""
        return is_holding(self.news[pair.new])


def paired(olds: Tables, news: Tables, *, rounded: bool) -> tuple[Paired, ...]:
    """The rows of both tables, each once: paired, added or missing."""
    weighs = [_Weigh(table, olds[table], news[table], rounded=rounded) for table in ("I", "II")]
    equal = [list(weigh.equal()) for weigh in weighs]
    restated = any(equal)
    return tuple(
        weigh.told([*same, *weigh.alike(restated=restated)]) for weigh, same in zip(weighs, equal, strict=True)
    )


class _Weigh:
    """The rows of a table that are still to be paired."""

    def __init__(self, table: str, olds: Sequence[Row], news: Sequence[Row], *, rounded: bool) -> None:
        self._table = table
        self._olds, self._news = olds, news
        self._before, self._after = _Said(olds), _Said(news)
        self._rounded = rounded
        self._left, self._open = set(range(len(olds))), set(range(len(news)))
        self._many = max(len(olds), len(news)) > _MOST
        self._aligned = [is_holding(row) for row in olds] == [is_holding(row) for row in news]

    def told(self, pairs: Sequence[Pair]) -> Paired:
        """All rows, now that *pairs* are found."""
        return Paired(
            table=self._table,
            olds=self._olds,
            news=self._news,
            pairs=tuple(sorted(pairs, key=lambda pair: pair.new)),
            added=tuple(sorted(self._open)),
            missing=tuple(sorted(self._left)),
        )

    def equal(self) -> Iterator[Pair]:
        """Those that say the same in every box; in the same place, if there are several."""
        if self._many:
            return
        for new in sorted(self._open):
            olds = sorted(self._left, key=lambda old: (old != new, old))
            old = next((old for old in olds if self._says(old, new, *NAMES[self._table])), None)
            if old is not None:
                yield self._taken(old, new, Tie.EQUAL)

    def alike(self, *, restated: bool) -> Iterator[Pair]:
        """Of the rest those with most in common; *restated*: other rows are repeated, so that the whole may be."""
        if self._many:
            return
        ranked = sorted(self._candidates(), key=lambda one: (-one.weight, not one.placed, one.new, one.old))
        for at, one in enumerate(ranked):
            if one.old not in self._left or one.new not in self._open:
                continue
            rivals = any(
                other.old in self._left and other.new in self._open
                for other in ranked[at + 1 :]
                if (other.weight, other.placed) == (one.weight, one.placed)
                if (other.old == one.old) != (other.new == one.new)
            )
            alone = len(self._left) == len(self._open) == 1 and self._says(one.old, one.new, *_TRADE)
            sure = not rivals and (one.telling or (restated and (one.placed or alone)))
            yield self._taken(one.old, one.new, Tie.SURE if sure else Tie.OPEN)

    def _candidates(self) -> Iterator["_Candidate"]:
        fresh = self._fresh()
        for new in self._open:
            for old in self._left:
                if type(self._olds[old]) is not type(self._news[new]):
                    continue
                telling = self._telling(old, new)
                if telling or (new not in fresh and self._says(old, new, *_TRADE)):
                    weight, placed = self._weight(old, new), self._aligned and old == new
                    yield _Candidate(old=old, new=new, weight=weight, placed=placed, telling=telling)

    def _taken(self, old: int, new: int, tie: Tie) -> Pair:
        self._left.discard(old)
        self._open.discard(new)
        return Pair(old=old, new=new, tie=tie, weight=self._weight(old, new) + tie)

    def _weight(self, old: int, new: int) -> int:
        return sum(weight for box, weight in _WEIGHTS.items() if self._states(old, new, box))

    def _telling(self, old: int, new: int) -> bool:
        """Whether what they say alike tells that they are the same.

        A line of holdings, however much is held; the number that changed hands, or what was owned then, on the same day
        or in another way alike; or what is owned moved by as much as the number did.
        """
        if is_holding(self._olds[old]):
            return self._says(old, new, *_LINE) or (
                self._states(old, new, _OWNED) and self._says(old, new, "security_title")
            )
        shares = self._states(old, new, "transaction_shares") or self._states(old, new, "transaction_total_value")
        owned = self._states(old, new, _OWNED)
        day = self._states(old, new, "transaction_date")
        if self._adds_up(old, new) and shares:  # the same number a second time, or the sum that was wrong
            return False
        if shares and (day or owned or self._states(old, new, "transaction_price_per_share")):
            return True
        if owned and day and self._says(old, new, *_LINE):
            return True
        moved, left = self._step(old, new, "transaction_shares"), self._step(old, new, _OWNED)
        if not day or not moved or left is None:
            return False
        return left == moved * _sign(self._news[new])

    def _fresh(self) -> frozenset[int]:
        """New rows that count on from the last of what was reported, or from each other: those are other trades."""
        found = list[int]()
        if not self._open:
            return frozenset()
        last = [old for old in self._olds if not any(_counts_on(old, other) for other in self._olds)]
        for place in sorted(self._open):
            row = self._news[place]
            if any(_counts_on(before, row) for before in (*last, *(self._news[one] for one in found))):
                found.append(place)
        return frozenset(found)

    def _adds_up(self, old: int, new: int) -> bool:
        return _counts_on(self._olds[old], self._news[new], alike=True)

    def _says(self, old: int, new: int, *boxes: str) -> bool:
        if type(self._olds[old]) is not type(self._news[new]):
            return False
        before, after = self._before, self._after
        return all(is_same(before.of(old, box), after.of(new, box), rounded=self._rounded) for box in boxes)

    def _states(self, old: int, new: int, box: str) -> bool:
        """Whether both state the same there, and not nothing."""
        return bool(getattr(self._olds[old], box, None)) and self._says(old, new, box)

    def _step(self, old: int, new: int, box: str) -> Decimal | None:
        return _step(self._olds[old], self._news[new], box)


class _Said:
    """What boxes of rows mean, each looked at once: rows are compared with every other."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._known: dict[tuple[int, str], object] = {}

    def of(self, place: int, box: str) -> object:
        """What *box* of the row at that *place* means."""
        key = place, box
        if key not in self._known:
            self._known[key] = meant(self._rows[place], box)
        return self._known[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """Two rows that may be the same."""

    old: int
    new: int
    weight: int
    placed: bool  # whether they stand in the same place of tables with like rows
    telling: bool


def _counts_on(before: Row, row: Row, *, alike: bool = False) -> bool:
    """Whether what is owned after *row* is what was after *before*, and its own number.

    *alike*: of rows with the same number; there it can be the total of *before*, put right.
    """
    shares, owned = getattr(row, "transaction_shares", None), _step(before, row, _OWNED)
    same = getattr(before, "transaction_shares", None) == shares
    if not shares or owned is None or same is not alike or owned != shares * _sign(row):
        return False
    return all(says_the_same(before, row, box, rounded=False) for box in _LINE)


def _step(old: Row, new: Row, box: str) -> Decimal | None:
    before, after = getattr(old, box, None), getattr(new, box, None)
    return None if before is None or after is None else _EXACT.subtract(after, before)


def _sign(row: Row) -> int:
    return -1 if getattr(row, "transaction_acquired_disposed_code", None) is AcquiredDisposed.DISPOSED else 1
