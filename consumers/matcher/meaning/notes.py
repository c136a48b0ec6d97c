"""What footnotes and remarks say of an amount: another currency than US dollars, another unit than was counted."""

import re
from collections.abc import Iterable, Iterator

from consumers.matcher.meaning.currency import HINTS, SIGN, foreign
from service.model.ownership import Box, OwnershipDocument, Transaction

_OF_AMOUNTS = re.compile(r"\b(?:prices?|amounts?|values?|figures?|consideration|denominated)\b", re.IGNORECASE)

_ADS = r"(?:(?:ADS|ADR|GDS|GDR)s?\b|(?:american |global )?depositary (?:share|receipt|unit|interest)s?\b)"
_DEPOSITARY = re.compile(rf"\b{_ADS}|\b(?:american|global) depositary\b", re.IGNORECASE)
_PER_DEPOSITARY = re.compile(
    rf"\b(?:prices?|paid|amounts?|values?)\b[^.;]{{0,80}}\b(?:per|for|of|an|each|one) {_ADS}", re.IGNORECASE
)
_RATIO = re.compile(rf"\b{_ADS}[^.;]{{0,60}}\brepresent\w*\W+(?!one\b|1\b)[^.;]{{0,20}}\bshares?\b", re.IGNORECASE)
_LOTS = re.compile(r"\bper (?:one )?(?:hundred|100|thousand|1,?000) (?:\w+ )?shares\b|\bper contract\b", re.IGNORECASE)
_PER_SHARE = re.compile(
    r"\bdivid(?:ed|ing)\b|\bper (?:one )?(?:ordinary|common|class \w|underlying) share", re.IGNORECASE
)
_PER_ORDINARY = re.compile(r"\bper (?:one )?(?:ordinary|common|underlying) share", re.IGNORECASE)
_FILLING = (
    "these the this each represents represent reflects consists consist of reported securities units shares amounts "
    "amount are were is was on row in column accrual accrued crediting credited additional number"
)
_DIVIDENDS = re.compile(rf"^\W*(?:(?:{'|'.join(_FILLING.split())}) ){{0,9}}dividend equivalent", re.IGNORECASE)

_UNITS = "ads adss adr adrs gds gdss gdr gdrs depositary contract hundred thousand 100 1000 ordinary underlying"
_HINTS = HINTS | frozenset(_UNITS.split())
_APART = str.maketrans(dict.fromkeys("\t\n\r.,;:()[]/\"'-", " "))

_COUNTED = tuple(map(Box, ("security_title", "transaction_shares", "transaction_code")))
_WHOLE_ROW = (*_COUNTED, Box("transaction_date"))


class Notes:
    """The footnotes and remarks of one document, read as far as amounts need them."""

    def __init__(self, document: OwnershipDocument) -> None:
        self._footnotes = document.footnotes
        # Most tell nothing, and rows cite the same ones: each is looked at once.
        self._telling = {number: text for number, text in document.footnotes.items() if _may_tell(text)}
        remarks = document.remarks
        general = remarks is not None and _may_tell(remarks) and _OF_AMOUNTS.search(remarks)
        self._general = remarks if general else None  # holds for every row
        self.silent = not self._telling and self._general is None  # nothing to read for any row

    def foreign(self, row: Transaction, box: Box) -> str | None:
        """The words that say that *box* of *row* is in another currency; None: nothing says so."""
        for text in self._of(row, (box,)):
            if found := foreign(text):
                return found
        for text in self._beside(row, box):
            if _OF_AMOUNTS.search(text) and (found := foreign(text)):
                return found
        return None

    def other_unit(self, row: Transaction, box: Box) -> str | None:
        """The words that say that *box* is per another unit than *row* counts; None: nothing says so."""
        of_box, beside = tuple(self._of(row, (box,))), tuple(self._beside(row, box))
        if found := _first(_LOTS, of_box):
            return found
        if _DEPOSITARY.search(row.security_title or ""):
            return _first(_PER_ORDINARY, [text for text in of_box if not _DEPOSITARY.search(text)])
        if _first(_PER_SHARE, (*of_box, *beside)):
            return None
        return _first(_DEPOSITARY, of_box) or _first(_PER_DEPOSITARY, beside) or _first(_RATIO, beside)

    def dividends(self, row: Transaction) -> bool:
        """Whether a footnote of *row*'s title, count or code begins by saying that it is dividend equivalents."""
        numbers = (number for box in _COUNTED for number in row.footnotes.get(box, ()))
        return any(_DIVIDENDS.search(self._footnotes.get(number, "")) for number in numbers)

    def _of(self, row: Transaction, boxes: Iterable[Box]) -> Iterator[str]:
        """The footnotes of *boxes* that can tell of an amount."""
        for box in boxes:
            for number in row.footnotes.get(box, ()):
                if text := self._telling.get(number):
                    yield text

    def _beside(self, row: Transaction, box: Box) -> Iterator[str]:
        """What is said of the whole row or filing: it counts only where it speaks of amounts."""
        if row.footnotes:
            yield from self._of(row, (one for one in _WHOLE_ROW if one != box))
        if self._general:
            yield self._general


def _first(words: re.Pattern[str], texts: Iterable[str]) -> str | None:
    """What is found first."""
    return next((found[0] for text in texts if (found := words.search(text))), None)


def _may_tell(text: str) -> bool:
    """Whether one of the words or signs stands in *text* that the expressions above look for."""
    return not _HINTS.isdisjoint(text.lower().translate(_APART).split()) or SIGN.search(text) is not None
