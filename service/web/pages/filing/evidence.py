"""What made a filing ring: which rows, boxes and footnotes the rules of a workspace rest on, and why."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from string import ascii_uppercase
from typing import TypeVar

from msgspec import Struct

from service.model.alert import Alert
from service.model.alert import Evidence as Stated
from service.model.fact import MeasureSource, Verdict
from service.text import legible, one_line
from service.words import shortened

K = TypeVar("K")

MOST = len(ascii_uppercase)  # alerts that are marked; each has a letter
_LONG = 400  # characters of a reason

Letters = tuple[str, ...]
"""Of the alerts that something made ring, in their order."""


class AskedReason(Struct, frozen=True, kw_only=True):
    """Something that a rule asked for, and what the filing says."""

    letters: Letters
    asked: str  # "exercise_value >= $500,000"
    stated: str  # "$582,000 ($2.91 x 200,000 shares)"
    boxes: tuple[str, ...]  # "box 2", ...
    footnotes: tuple[str, ...]


class Ring(Struct, frozen=True, kw_only=True):
    """An alert on the filing."""

    letter: str
    id: str
    rule: str
    rule_id: str
    at: datetime
    urgent: bool
    places: tuple[tuple[str, str], ...]  # of the rows that met the rule: their anchors and names
    reasons: tuple[AskedReason, ...]  # on the filing as a whole, and on sums over its rows


class Evidence(Struct, frozen=True, kw_only=True):
    """Everything that is to be marked."""

    rings: tuple[Ring, ...] = ()
    rows: Mapping[tuple[str, int], tuple[AskedReason, ...]] = {}  # by table and row (from 1): why it counts
    cells: Mapping[tuple[str, int, str], Letters] = {}  # by table, row and box
    boxes: Mapping[str, Letters] = {}  # outside the tables, by box
    footnotes: Mapping[str, Letters] = {}


def evidence(alerts: Sequence[tuple[Alert, datetime]]) -> Evidence:
    """What made *alerts* ring, each with when it was made; of very many, the first ones are marked."""
    marks = _Marks()
    rings = [marks.ring(letter, alert, at) for letter, (alert, at) in zip(ascii_uppercase, alerts, strict=False)]
    return Evidence(
        rings=tuple(rings),
        rows={place: _together(reasons) for place, reasons in marks.rows.items()},
        cells=_lettered(marks.cells),
        boxes=_lettered(marks.boxes),
        footnotes=_lettered(marks.footnotes),
    )


class _Marks:
    """What alerts rest on, gathered one after the other."""

    def __init__(self) -> None:
        self.rows: defaultdict[tuple[str, int], list[AskedReason]] = defaultdict(list)
        self.cells: defaultdict[tuple[str, int, str], list[str]] = defaultdict(list)
        self.boxes: defaultdict[str, list[str]] = defaultdict(list)
        self.footnotes: defaultdict[str, list[str]] = defaultdict(list)

    def ring(self, letter: str, alert: Alert, at: datetime) -> Ring:
        places = {fact.place: (fact.table, fact.row) for fact in alert.rows}
        explanation = legible(alert.explanation)
        for row in explanation.rows:
            place = places.get(row.place)
            if place is not None:
                self.rows[place] += self._reasons(letter, row.evidence, (place,))
        whole = (*explanation.filing, *explanation.total)  # what they rest on may stand in each row that counts
        return Ring(
            letter=letter,
            id=alert.id,
            rule=one_line(alert.rule),
            rule_id=alert.rule_id,
            at=at,
            urgent=alert.priority.value == "urgent",
            places=tuple((anchor(*place), name) for name, place in places.items()),
            reasons=tuple(self._reasons(letter, whole, tuple(places.values()))),
        )

    def _reasons(
        self, letter: str, stated: Iterable[Stated], places: Sequence[tuple[str, int]]
    ) -> Iterator[AskedReason]:
        for one in decided(stated):
            self._mark(letter, one.sources, places)
            yield AskedReason(
                letters=(letter,),
                asked=shortened(one.predicate, _LONG),
                stated=shortened(one.stated, _LONG),
                boxes=one.boxes,
                footnotes=one.footnotes,
            )

    def _mark(self, letter: str, sources: Iterable[MeasureSource], places: Sequence[tuple[str, int]]) -> None:
        for source in sources:
            for table, row in places:
                self.cells[table, row, source.box].append(letter)
            self.boxes[source.box].append(letter)
            for number in source.footnotes:
                self.footnotes[number].append(letter)


def decided(stated: Iterable[Stated]) -> Iterator[Stated]:
    """The claims that were true; of those that join others, their parts that were."""
    for one in stated:
        parts = [part for part in one.parts if part.verdict is Verdict.TRUE]
        if one.verdict is Verdict.TRUE and parts:
            yield from decided(parts)
        elif one.verdict is Verdict.TRUE:
            yield one


def anchor(table: str, row: int) -> str:
    """Where a row stands on the page."""
    return f"t{len(table)}r{row}"


def _together(reasons: Iterable[AskedReason]) -> tuple[AskedReason, ...]:
    """*reasons*, each once, with the letters of all alerts that have it."""
    found: dict[tuple[str, str], AskedReason] = {}
    for one in reasons:
        before = found.get((one.asked, one.stated))
        letters = one.letters if before is None else tuple(dict.fromkeys((*before.letters, *one.letters)))
        found[one.asked, one.stated] = AskedReason(
            letters=letters, asked=one.asked, stated=one.stated, boxes=one.boxes, footnotes=one.footnotes
        )
    return tuple(found.values())


def _lettered(found: Mapping[K, list[str]]) -> dict[K, Letters]:
    return {place: tuple(dict.fromkeys(letters)) for place, letters in found.items()}
