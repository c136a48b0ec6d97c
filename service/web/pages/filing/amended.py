"""What a filing amends and what amends it, as its page shows it."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from consumers.amendments.telling import place, shown
from service.control.amending import Amended, AmendmentRelations
from service.model.amendment import Amends, Became, Effect, Found
from service.model.filing import Accession
from service.text import legible
from service.web.pages.filing.evidence import anchor
from service.words import shortened

_MOST = 60  # lines of a comparison
_LONG = 600  # characters of a text
_STATES = {Effect.CORRECTS: "warn", Effect.WITHDRAWS: "bad", Effect.ADDS: "live"}


class Compared(Struct, frozen=True, kw_only=True):
    """Something that differs."""

    where: str
    anchor: str | None  # of the row, on this page
    box: str
    old: str | None  # None: nothing
    new: str | None
    number: bool = False  # whether these are numbers
    prose: bool = False  # or texts of notes


class AmendmentComparison(Struct, frozen=True, kw_only=True):
    """An amendment beside what it amends."""

    effect: str
    state: str  # of its pill
    reason: str
    filed: date | None  # of what is amended
    accession: Accession | None
    original: Accession | None  # where that is an amendment, too: the filing with which it began
    candidates: tuple[Accession, ...]
    by_rows: bool  # the day that the amendment names has no such filing
    lines: tuple[Compared, ...]
    more: int  # lines that are left out
    same: int  # rows that are as they were
    texts: bool  # whether footnotes and remarks were compared


class Later(Struct, frozen=True, kw_only=True):
    """An amendment of the filing of the page."""

    accession: Accession
    form: str
    filed: date
    comparison: AmendmentComparison
    other: bool  # it is compared with another amendment of this filing


class Shown(Struct, frozen=True, kw_only=True):
    """Both."""

    amends: AmendmentComparison | None
    amended: tuple[Later, ...]


def shown_of(amending: AmendmentRelations, accession: Accession) -> Shown:
    """What is to be shown on the page of *accession*."""
    found = legible(amending)
    return Shown(
        amends=None if found.amends is None else _comparison(found.amends, here=True),
        amended=tuple(_later(one, accession) for one in found.amended),
    )


def _later(one: Amended, accession: Accession) -> Later:
    return Later(
        accession=one.accession,
        form=one.form,
        filed=one.filed,
        comparison=_comparison(one.amends, here=False),
        other=one.amends.accession not in (None, accession),
    )


def _comparison(amends: Amends, *, here: bool) -> AmendmentComparison:
    """*here*: it is of the filing of the page, and its rows stand there."""
    lines = list(_lines(amends, here=here))
    return AmendmentComparison(
        effect=amends.effect.value,
        state=_STATES.get(amends.effect, ""),
        reason=shortened(amends.reason, _LONG),
        filed=amends.filed,
        accession=amends.accession,
        original=amends.original,
        candidates=amends.candidates,
        by_rows=amends.found is Found.ROWS,
        lines=tuple(lines[:_MOST]),
        more=len(lines[_MOST:]),
        same=amends.same,
        texts=amends.compared,
    )


def _lines(amends: Amends, *, here: bool) -> Iterator[Compared]:
    for box in amends.head:
        yield _line("Above the tables", None, box.name, box.old, box.new)
    for row in amends.rows:
        to = anchor(row.table, row.row) if here and row.row else None
        match row.change:
            case Became.CHANGED:
                for box in row.boxes:
                    old, new = (value and shown(box.box, value) for value in (box.old, box.new))
                    yield _line(place(row), to, box.name, old, new, number=old != box.old or new != box.new)
            case Became.ADDED:
                yield _line(place(row), to, "New row", None, row.text)
            case Became.MISSING:
                yield _line(place(row), to, "Not repeated", row.text, None)
    for note in amends.notes:
        where, which = ("Footnotes", note.number) if note.number else ("Remarks", "")
        yield _line(where, None, which, note.old, note.new, prose=True)


def _line(where: str, to: str | None, box: str, old: str | None, new: str | None, **what: bool) -> Compared:
    before, now = (None if text is None else shortened(text, _LONG) for text in (old, new))
    return Compared(where=where, anchor=to, box=box, old=before, new=now, **what)
