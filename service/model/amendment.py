"""What an amendment (4/A) changes in the filing that it amends."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from service.model.filing import Accession
from service.model.ownership import Box, FootnoteId
from service.model.word import Word


class Effect(Word):
    """What an amendment does to what was filed before."""

    ADDS = "adds", "It reports what was left out: rows, holdings, footnotes, an owner; the rest stands"
    CORRECTS = "corrects", "Boxes or footnotes that were reported say something else; rows may be new as well"
    RESTATES = "restates", "It repeats the filing: nothing differs, or some rows replace others"
    WITHDRAWS = "withdraws", "It takes back the filing, or rows of it"
    UNCLEAR = "unclear", "What it does cannot be told from what is here"


class Found(StrEnum):
    """How the filing that an amendment amends was found."""

    DAY = "day"  # same company, one of the owners, filed on the day that the amendment names
    ROWS = "rows"  # its rows tell: the day or the owners that the amendment names are others


class Became(StrEnum):
    """What became of a row."""

    CHANGED = "changed"
    ADDED = "added"
    MISSING = "missing"  # not repeated: taken back, or left as it was


class BoxChange(Struct, frozen=True, kw_only=True):
    """A box that says something else. Numbers are exact, and days are written as 2025-03-03."""

    box: Box  # the field's name, such as transaction_shares
    name: str  # as on the form: "4. Amount"
    old: str | None  # None, here and below: nothing is stated, or only a footnote
    new: str | None


class RowChange(Struct, frozen=True, kw_only=True):
    """A row that the amendment changes, adds, or does not repeat."""

    change: Became
    table: str  # "I" or "II"
    row: int | None  # from 1; None: it is not in the amendment
    was: int | None  # its place in what is amended; None: it is not there
    text: str  # the row in a line, as the amendment has it, or else as it was
    boxes: tuple[BoxChange, ...] = ()  # of a changed row: those that differ


class NoteChange(Struct, frozen=True, kw_only=True):
    """A footnote, or the remarks, that differ; numbers of footnotes alone do not count."""

    number: FootnoteId | None  # None: the remarks
    old: str | None  # None: it is new
    new: str | None  # None: it is gone


class Amends(Struct, frozen=True, kw_only=True):
    """What an amendment amends, and what it changes there, as far as that was known when this was made."""

    accession: Accession | None  # None: it is not here, or several can be meant
    filed: date | None  # when that was filed; of one that is not here the day that the amendment names
    found: Found | None  # None: as above
    effect: Effect
    reason: str  # why it is taken so, in a sentence
    original: Accession | None = None  # the first filing of the chain, where *accession* is an amendment, too
    candidates: tuple[Accession, ...] = ()  # where several can be meant: these
    head: tuple[BoxChange, ...] = ()  # what differs above the tables
    rows: tuple[RowChange, ...] = ()
    notes: tuple[NoteChange, ...] = ()
    same: int = 0  # rows that are repeated unchanged
    compared: bool = True  # false: the texts of footnotes and remarks that are amended are not kept here
