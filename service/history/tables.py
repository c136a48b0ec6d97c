"""What the tables of a set say, as the database has it: column by column, since most of a row takes no thought."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import repeat
from typing import Any, NamedTuple

from service.history.cells import CLOSED, Cells, Read
from service.history.sets import FILINGS, NOTES, OWNERS, ROWS, SetTable
from service.model import calendar
from service.model.past import PARTS, Brought
from service.store.recorded import BOXES, KEY

Made = Iterable[tuple[Any, ...]]


class Cut:
    """The columns of a table of this *width* whose *cells* come row by row; only those that are read are cut out."""

    def __init__(self, cells: list[str], width: int) -> None:
        self._cells = cells
        self._width = width

    def __getitem__(self, place: int) -> list[str]:
        """The column at *place*."""
        return self._cells[place :: self._width]


_SET = repeat(Brought.SET.value)
_CLOSES = time(22)  # Eastern: what EDGAR accepts until then has the day's date
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "security_title": ("SECURITY_TITLE",),
    "conversion_or_exercise_price": ("CONV_EXERCISE_PRICE",),
    "transaction_date": ("TRANS_DATE",),
    "deemed_execution_date": ("DEEMED_EXECUTION_DATE",),
    "transaction_form_type": ("TRANS_FORM_TYPE",),
    "transaction_code": ("TRANS_CODE",),
    "equity_swap_involved": ("EQUITY_SWAP_INVOLVED", "EQUITY_SWAP_TRANS_CD"),
    "transaction_timeliness": ("TRANS_TIMELINESS",),
    "transaction_shares": ("TRANS_SHARES",),
    "transaction_total_value": ("TRANS_TOTAL_VALUE",),
    "transaction_price_per_share": ("TRANS_PRICEPERSHARE",),
    "transaction_acquired_disposed_code": ("TRANS_ACQUIRED_DISP_CD",),
    "exercise_date": ("EXCERCISE_DATE", "EXERCISE_DATE"),  # as the SEC spells it in one table, and in the other
    "expiration_date": ("EXPIRATION_DATE",),
    "underlying_security_title": ("UNDLYNG_SEC_TITLE",),
    "underlying_security_shares": ("UNDLYNG_SEC_SHARES",),
    "underlying_security_value": ("UNDLYNG_SEC_VALUE",),
    "shares_owned_following_transaction": ("SHRS_OWND_FOLWNG_TRANS",),
    "value_owned_following_transaction": ("VALU_OWND_FOLWNG_TRANS",),
    "direct_or_indirect_ownership": ("DIRECT_INDIRECT_OWNERSHIP",),
    "nature_of_ownership": ("NATURE_OF_OWNERSHIP",),
}
_TEXTS = frozenset({"security_title", "transaction_form_type", "underlying_security_title", "nature_of_ownership"})
_RELATIONS = ("DIRECTOR", "OFFICER", "TENPERCENTOWNER", "OTHER")
_NUMBERED = re.compile(r"F(\d{1,2})", re.ASCII)


class ReadingPlan(NamedTuple):
    """How a table is read."""

    whole: int | None  # where a number stands without which a row cannot be read
    make: Callable[[Sequence[int], Cut], Made]
    """The rows of the database from the keys of their filings and the columns; a row with None where it must not be."""
    fills: tuple[str, ...] = ()  # the columns that a row of ``history_rows`` fills, in order; the others are empty


def plan(name: str, table: SetTable, cells: Cells) -> ReadingPlan:
    """How the table *name* is read; raises ConfigError where it lacks a column."""
    made = {FILINGS: _filings, OWNERS: _owners, NOTES: _notes}.get(name)
    return made(table, cells) if made else _part(name, table, cells)


def _filings(table: SetTable, cells: Cells) -> ReadingPlan:
    """As ``history_filings`` has them up to ``left``, and the remarks."""
    issuer = table.needed("ISSUERCIK")
    filed, form = table.needed("FILING_DATE"), table.needed("DOCUMENT_TYPE")
    places = {name: table.place(name) for name in ("ISSUERNAME", "ISSUERTRADINGSYMBOL", "REMARKS")}
    dated = [table.place(name) for name in ("PERIOD_OF_REPORT", "DATE_OF_ORIG_SUB")]
    ticked = [table.place(name) for name in ("AFF10B5ONE", "NOT_SUBJECT_SEC16")]
    known, day = Read(_closing, cells.count), Read(lambda cell: _filed(cells.day[cell]), cells.count)

    def make(keys: Sequence[int], columns: Cut) -> Made:
        days = list(day.all(columns[filed]))
        company, symbol, remarks = (_said(columns, place, cells.text) for place in places.values())
        return _rows(
            keys,
            _SET,
            cells.text.all(columns[form]),
            map(int, columns[issuer]),
            company,
            symbol,
            known.all(days),
            days,
            *(_said(columns, place, cells.day) for place in dated),
            *(_said(columns, place, cells.yes) for place in ticked),
            remarks,
        )

    return ReadingPlan(issuer, make)


def _owners(table: SetTable, cells: Cells) -> ReadingPlan:
    """As ``history_owners`` has them."""
    owner, relation = table.needed("RPTOWNERCIK"), table.needed("RPTOWNER_RELATIONSHIP")
    called, *more = (table.place(name) for name in ("RPTOWNERNAME", "RPTOWNER_TITLE", "RPTOWNER_TXT"))
    relations = [_relation(word, cells) for word in _RELATIONS]

    def make(keys: Sequence[int], columns: Cut) -> Made:
        return _rows(
            keys,
            _SET,
            map(int, columns[owner]),
            _said(columns, called, cells.text),
            *(how.all(columns[relation]) for how in relations),
            *(_said(columns, place, cells.text) for place in more),
        )

    return ReadingPlan(owner, make)


def _part(name: str, table: SetTable, cells: Cells) -> ReadingPlan:
    """As ``history_rows`` has them."""
    part = ROWS.index(name) + 1
    boxes = BOXES[PARTS[part - 1]]
    number = table.needed(f"{name}_SK")
    said = [(table.place(*_COLUMNS[box]), _how(box, cells)) for box in boxes]
    cited = _cited(table, boxes)
    notes = cells.cited([box for box, _ in cited])

    def make(keys: Sequence[int], columns: Cut) -> Made:
        numbers = map(int, columns[number])
        values = (_said(columns, place, how) for place, how in said)
        citing = notes.all(list(zip(*(columns[place] for _, place in cited), strict=True))) if cited else repeat(None)
        return _rows(keys, _SET, repeat(part), numbers, *values, citing)

    return ReadingPlan(number, make, (*KEY, *boxes, "notes"))


def _notes(table: SetTable, cells: Cells) -> ReadingPlan:
    """As ``history_notes`` has the footnotes."""
    number, said = table.needed("FOOTNOTE_ID"), table.needed("FOOTNOTE_TXT")
    numbers = Read(_numbered, lambda: None)

    def make(keys: Sequence[int], columns: Cut) -> Made:
        return _rows(keys, numbers.all(columns[number]), cells.text.all(columns[said]))

    return ReadingPlan(None, make)


def _rows(keys: Sequence[int], *columns: Iterable[Any]) -> Made:
    return zip(keys, *columns)  # noqa: B905 - what a table has not has no end


def _said(columns: Cut, place: int | None, how: Read) -> Iterable[Any]:
    """What the column at *place* says; None: this table has none."""
    cells = () if place is None else columns[place]
    return how.all(cells) if any(cells) else repeat(None)


def _relation(word: str, cells: Cells) -> Read:
    """Whether *word* is among what an owner is to the issuer."""
    return Read(lambda cell: int(word in cell.upper()), cells.count)


def _how(name: str, cells: Cells) -> Read:
    if name in CLOSED:
        return cells.one_of(CLOSED[name])
    if name.endswith("_date"):
        return cells.day
    if name == "equity_swap_involved":
        return cells.yes
    return cells.text if name in _TEXTS else cells.number


def _filed(day: int | None) -> int | None:
    if day is not None and not calendar.is_of_edgar(_day(day)):
        raise ValueError(day)
    return day


def _closing(day: int) -> datetime:
    """From when on a filing of *day* was known: a set has no times, and nobody may know a thing before."""
    return datetime.combine(_day(day), _CLOSES, calendar.EASTERN)


def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)


def _numbered(cell: str) -> int:
    """``F1`` as 1."""
    if found := _NUMBERED.fullmatch(cell.strip()):
        return int(found[1])
    raise ValueError(cell)


def _cited(table: SetTable, boxes: Sequence[str]) -> list[tuple[str, int]]:
    """Which boxes cite footnotes, and where."""
    found = [
        (box, table.place(*(f"{column}_FN" for column in columns))) for box, columns in _COLUMNS.items() if box in boxes
    ]
    return [(box, place) for box, place in found if place is not None]
