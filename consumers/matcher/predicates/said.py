"""What the filing says of a fact, and in which boxes."""

from collections.abc import Callable
from typing import Any

from consumers.matcher.facts import fact as facts
from consumers.matcher.facts.boxes import BOXES, OF_FILING, RESTS_ON, source, sources
from consumers.matcher.facts.fact import FactType
from consumers.matcher.predicates.predicate import Level, Stated
from consumers.matcher.subject import Subject
from service.model.fact import Fact, Measure, MeasureSource
from service.model.ownership import Box

_STATED = object()  # begins the keys under which a subject keeps what was stated

_OF_OWNERS = frozenset({Box("relationship"), Box("rpt_owner_name")})


def level_of(fact: FactType) -> Level:
    """What a claim on *fact* is about."""
    return Level.ROW if fact.level is facts.Level.ROW else Level.FILING


def of_owners(fact: FactType) -> bool:
    """Whether *fact* is one of the owners'."""
    return not _OF_OWNERS.isdisjoint(fact.boxes)


def once(name: str, stated: Callable[[Subject, Any], Stated]) -> Callable[[Subject, Any], Stated]:
    """*stated*, which says the same whatever is asked of *name*: it is made once for each row, and kept."""

    def kept(subject: Subject, row: Any) -> Stated:
        key = (_STATED, name) if row is None else (_STATED, name, row.table, row.row)
        found: Stated | None = subject.known.get(key)
        if found is None:
            found = subject.known[key] = stated(subject, row)
        return found

    return kept


def unknown(fact: FactType, subject: Subject, row: Any) -> str:
    """That *fact* is unknown, and what leaves it so, or can."""
    if fact.why is not None and row is not None and (why := fact.why(subject, row)):
        return f"unknown: {why}"
    return f"unknown: {fact.unknown}" if fact.unknown else "unknown"


def because(fact: FactType, subject: Subject, row: Any) -> str:
    """What the value of *fact* rests on, to stand behind it, where that is more than boxes."""
    why = "" if fact.why is None or row is None else fact.why(subject, row)
    return f" ({why})" if why else ""


def applies(fact: FactType, subject: Subject, row: Fact) -> bool:
    """Whether *subject* and the table of *row* have what *fact* rests on: else it is not unknown, but not there."""
    if fact.level is facts.Level.FILING:
        return fact.applies is None or fact.applies(subject)
    boxes = RESTS_ON[Measure(fact.name)] if fact.name in RESTS_ON else fact.boxes[:1]
    return all(box in BOXES[row.table] or box in OF_FILING for box in boxes)


def boxes_of(fact: FactType, row: Fact) -> tuple[MeasureSource, ...]:
    """The boxes that *fact* rests on in *row*, or in the filing."""
    if fact.name in RESTS_ON:
        return sources(row, Measure(fact.name))
    found = []
    for box in fact.boxes:
        if box in OF_FILING:
            found.append(MeasureSource(box=box, number=OF_FILING[box]))
        elif fact.level is facts.Level.FILING:  # of several rows
            found.append(MeasureSource(box=box, number=next(of[box] for of in BOXES.values() if box in of)))
        elif box in BOXES[row.table]:
            found.append(source(row, box))
    return tuple(found)
