"""What footnotes and remarks say of a row, and the dates in them."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

from consumers.matcher.subject import Subject
from service.model.fact import Fact
from service.model.ownership import Box, FootnoteId

_NAMES = (
    "jan january, feb february, mar march, apr april, may, jun june, jul july, aug august, sep sept september, "
    "oct october, nov november, dec december"
)
MONTHS = {name: number for number, names in enumerate(_NAMES.split(","), 1) for name in names.split()}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
DATE = (
    rf"(?:(?:{_MONTH})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|\d{{1,2}}\s+(?:{_MONTH})\.?,?\s+\d{{4}}"
    r"|\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2})(?!\d)"
)
"""A whole date, as people write one, in lower case. A month with a year is not one."""

_ONE_KIND = str.maketrans(  # hyphens that do not break, figure and long dashes, the minus; raised quotes
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("\u2018\u2019\u02bc", "'")
)
_KEY = "footnotes of the whole filing"
_PLAIN = "all texts of the filing, plain"


def plain(text: str) -> str:
    """*text* in lower case, with one kind of space, quote and dash."""
    return " ".join(text.casefold().translate(_ONE_KIND).split())


def cited(subject: Subject, row: Fact, *boxes: str) -> tuple[str, ...]:
    """The footnotes that *row* cites, those of *boxes* alone if any are named; as filed."""
    notes, texts = row.transaction.footnotes, subject.document.footnotes
    ids = [one for box in boxes or notes for one in notes.get(Box(box), ())]
    return tuple(texts[one] for one in dict.fromkeys(ids) if one in texts)


def general(subject: Subject) -> tuple[str, ...]:
    """The remarks, and the footnotes that no row cites: what is said of the whole filing."""
    if _KEY not in subject.known:
        document = subject.document
        rows = (*document.non_derivative_table, *document.derivative_table)
        used = {one for row in rows for ids in row.footnotes.values() for one in ids}
        rest = [text for one, text in document.footnotes.items() if FootnoteId(one) not in used]
        subject.known[_KEY] = (*([document.remarks] if document.remarks else ()), *rest)
    known: tuple[str, ...] = subject.known[_KEY]
    return known


def every(subject: Subject) -> tuple[str, ...]:
    """The remarks and every footnote, each made `plain` once."""
    if _PLAIN not in subject.known:
        texts = (subject.document.remarks, *subject.document.footnotes.values())
        subject.known[_PLAIN] = tuple([plain(text) for text in texts if text])
    known: tuple[str, ...] = subject.known[_PLAIN]
    return known


def dates(text: str) -> Iterator[date]:
    """Every whole date in *text*, which is `plain`."""
    for match in re.finditer(DATE, text):
        if (found := day(match[0])) is not None:
            yield found


def day(text: str) -> date | None:
    """The day that *text*, a `DATE`, names; None: there is no such day."""
    words = re.findall(r"[a-z]+|\d+", text)
    numbers = [int(word) for word in words if word.isdigit()]
    month = next((MONTHS[word] for word in words if word in MONTHS), None)
    with suppress(ValueError):
        if month is not None:
            return date(numbers[-1], month, numbers[0])
        if "/" in text:
            return date(numbers[2] + (2000 if numbers[2] < 100 else 0), numbers[0], numbers[1])
        return date(*numbers)
    return None
