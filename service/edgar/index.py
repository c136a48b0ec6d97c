"""EDGAR's indexes by form type, of a day or of a quarter: what was filed, by the SEC's own account. Pure."""

import re
from collections.abc import Collection, Iterator
from datetime import date, datetime

from msgspec import Struct

from service.model.filing import Accession, Cik, accession_number, central_index_key

_TITLE = re.compile(rb"(?m)^Form Type\b")
_RULE = re.compile(rb"(?m)^-{20,}[ \t]*$")
_THROUGH = re.compile(rb"(?mi)^Last Data Received:[ \t]*(\S.*?)[ \t]*$")
_PATH = re.compile(rb"edgar/data/(\d{1,10})/(\d{10}-\d{2}-\d{6})\.txt\s*$")
_FILED = re.compile(rb"[ \t](\d{4})-?(\d{2})-?(\d{2})[ \t]+edgar/")
_DATES = ("%b %d, %Y", "%B %d, %Y")


class IndexEntry(Struct, frozen=True, kw_only=True):
    """One filing: the index has a row for each of its parties."""

    accession: Accession
    form: str
    ciks: tuple[Cik, ...]  # every party's; the first one's archive folder holds it
    filed_on: date | None  # None: its rows are too malformed to tell


class FilingIndex(Struct, frozen=True, kw_only=True):
    """What an index says of the wanted forms, and whether it can be believed."""

    entries: tuple[IndexEntry, ...]
    through: date | None  # "Last Data Received"; None: not stated
    doubts: tuple[str, ...]  # why it may not be whole; a doubtful index proves nothing


def read_index(data: bytes, forms: Collection[str]) -> FilingIndex:
    """The filings of *forms* ("4", "4/A", ...) in the form index *data*.

    Header lines can wrap, and columns vary in width (12 or 17 characters of form type), so a row is known by its
    first word and by its path. Rows are sorted by form: a file whose last row is not of a later one was cut off.
    """
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data
    rule = _RULE.search(data)
    if rule is None or _TITLE.search(data, 0, rule.start()) is None:
        return FilingIndex(entries=(), through=None, doubts=("it is not an index by form type",))
    through = _THROUGH.search(data, 0, rule.start())
    parties: dict[Accession, tuple[str, date | None, list[Cik]]] = {}
    doubts = list(_cut_off(data, rule.end(), forms))
    for form, row in _rows(data, rule.end(), forms):
        path = _PATH.search(row)
        if path is None:
            doubts.append(f"a row names form {form}, but no filing: {row[:80].decode('latin-1').strip()!r}")
            continue
        accession = accession_number(path[2].decode())
        _, _, ciks = parties.setdefault(accession, (form, _filed(row), []))
        cik = central_index_key(path[1].decode())
        if cik not in ciks:
            ciks.append(cik)
    entries = tuple(
        IndexEntry(accession=accession, form=form, ciks=tuple(ciks), filed_on=filed_on)
        for accession, (form, filed_on, ciks) in parties.items()
    )
    return FilingIndex(entries=entries, through=_day(through[1]) if through else None, doubts=tuple(doubts))


def doubts_of(index: FilingIndex, last: date) -> tuple[str, ...]:
    """Why *index* may not be whole, if it is to reach to *last*."""
    if index.through is not None and index.through < last:
        return (*index.doubts, f"its data end on {index.through}")
    return index.doubts


def _rows(data: bytes, start: int, forms: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """The rows whose first word is one of *forms*; the others, nearly all of a quarter's 300,000, are skipped."""
    names = b"|".join(re.escape(form.encode()) for form in forms)
    for match in re.compile(rb"(?m)^(%b)[ \t][^\n]*$" % names).finditer(data, start):
        yield match[1].decode(), match[0]


def _cut_off(data: bytes, start: int, forms: Collection[str]) -> Iterator[str]:
    """Why the end looks like no end."""
    body = data[start:].strip()
    if not body:
        yield "it has no rows"
        return
    if _PATH.search(body, body.rfind(b"\n") + 1) is None:
        yield "its last row is cut off"
    last = _form(body[body.rfind(b"\n") + 1 :])
    if last > max(forms):
        return
    every = [_form(row) for row in body.split(b"\n") if row.strip()]
    wanted = [form for form in every if form in forms]
    unsorted = bool(wanted) and last < wanted[-1]
    if not unsorted and len(wanted) < len(every):  # one with nothing but the wanted forms ends with them
        yield f"it ends with form {last}, before all forms that are wanted are through"


def _form(row: bytes) -> str:
    """The first word of *row*."""
    return row.split(None, 1)[0].decode("latin-1")


def _filed(row: bytes) -> date | None:
    match = _FILED.search(row)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _day(text: bytes) -> date | None:
    for pattern in _DATES:
        try:
            return datetime.strptime(text.decode("latin-1"), pattern).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    return None
