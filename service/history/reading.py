"""The rows of a set as the database keeps them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import partial
from operator import itemgetter
from typing import Any
from zlib import crc32

import orjson

from service.history.cells import CLOSED, Cells, is_whole, text
from service.history.sets import FILINGS, NOTES, OWNERS, ROWS, Set, Table
from service.model import calendar
from service.model.errors import ConfigError
from service.model.filing import accession_number
from service.model.ownership import TransactionCode
from service.model.past import PARTS, Brought
from service.model.trait import AMENDMENT, SWAP, TRAIT_OF_CODE
from service.store.history import PLAIN, key_of

Plan = Sequence[tuple[int, Callable[[str], Any]] | None]
"""For each column of the database where its cell stands, and how it is read; None: this table has none."""

_SET = Brought.SET.value
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
_NUMBERED = re.compile(r"F(\d{1,2})", re.ASCII)
_TEXTS = frozenset({"security_title", "transaction_form_type", "underlying_security_title", "nature_of_ownership"})


class Reading:
    """Reads one set; what cannot be read is left out and counted."""

    def __init__(self, source: Set) -> None:
        self._set = source
        self._cells = Cells()
        self._keys: dict[str, int | None] = {}
        self._closes: dict[int, datetime] = {}
        self._table: Table | None = None  # that is read now
        self._before = 0  # bytes of tables that were read
        self.unreadable = 0  # rows without an accession number, a day or a company

    @property
    def odd(self) -> int:
        """Cells that could not be read."""
        return self._cells.odd

    @property
    def read(self) -> int:
        """How many bytes were read."""
        return self._before + (self._table.at() if self._table else 0)

    def keys(self) -> set[int]:
        """The filings of the set."""
        with self._set.table(FILINGS) as table:
            place = table.columns["ACCESSION_NUMBER"]
            return {key for row in self._whole(table) if (key := self._key(row[place])) is not None}

    def table(self, name: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """The key of each row's filing, and the row as the database has it; nothing of a table that is not there."""
        if name not in self._set.tables:
            return iter(())
        return {OWNERS: self.owners, NOTES: self.notes, FILINGS: self.filings}.get(name, partial(self.rows, name))()

    def rows(self, name: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """The key of each row's filing, and the row as ``history_rows`` has it: table by table, in the file's order."""
        with self._set.table(name) as table:
            plan, cited = self._plan(name, table), _cited(table, PARTS[ROWS.index(name)].__struct_fields__)
            accession, number = _places(self._set, name, table, "ACCESSION_NUMBER", f"{name}_SK")
            citing = itemgetter(accession, accession, *(at for _, at in cited))  # two or more give a tuple
            part = ROWS.index(name) + 1
            for row in self._whole(table):
                key = self._key(row[accession])
                if key is None or not is_whole(row[number]):
                    self.unreadable += key is not None
                    continue
                boxes = [None if column is None or not (cell := row[column[0]]) else column[1](cell) for column in plan]
                notes = self._notes(cited, row) if any(citing(row)[2:]) else None
                yield key, (key, _SET, part, int(row[number]), *boxes, notes)

    def _notes(self, cited: Sequence[tuple[str, int]], row: list[str]) -> str | None:
        """Which footnotes the boxes of *row* cite."""
        notes = self._cells.notes
        return ";".join(f"{box}={ids}" for box, at in cited if row[at] and (ids := notes(row[at]))) or None

    def notes(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Likewise, as ``history_notes`` has the footnotes."""
        with self._set.table(NOTES) as table:
            accession, number, said = _places(
                self._set, NOTES, table, "ACCESSION_NUMBER", "FOOTNOTE_ID", "FOOTNOTE_TXT"
            )
            for row in self._whole(table):
                key, numbered, written = (
                    self._key(row[accession]),
                    _NUMBERED.fullmatch(row[number].strip()),
                    text(row[said]),
                )
                if key is None or numbered is None:
                    self.unreadable += key is not None
                elif written:
                    yield key, (key, int(numbered[1]), written)

    def owners(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Likewise, as ``history_owners`` has them."""
        with self._set.table(OWNERS) as table:
            accession, owner, relation = _places(
                self._set, OWNERS, table, "ACCESSION_NUMBER", "RPTOWNERCIK", "RPTOWNER_RELATIONSHIP"
            )
            more = [table.place(name) for name in ("RPTOWNERNAME", "RPTOWNER_TITLE", "RPTOWNER_TXT")]
            for row in self._whole(table):
                key = self._key(row[accession])
                if key is None or not is_whole(row[owner]):
                    self.unreadable += key is not None
                    continue
                called, title, other = (None if place is None else text(row[place]) for place in more)
                is_a = row[relation].upper()
                ticked = [int(word in is_a) for word in ("DIRECTOR", "OFFICER", "TENPERCENTOWNER", "OTHER")]
                yield key, (key, _SET, int(row[owner]), called, *ticked, title, other)

    def filings(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Likewise, as ``history_filings`` has them up to ``left``, and the remarks."""
        with self._set.table(FILINGS) as table:
            accession, filed, form, issuer = _places(
                self._set, FILINGS, table, "ACCESSION_NUMBER", "FILING_DATE", "DOCUMENT_TYPE", "ISSUERCIK"
            )
            days, yes = self._cells.day, self._cells.yes
            names = [table.place(name) for name in ("ISSUERNAME", "ISSUERTRADINGSYMBOL")]
            remarks = table.place("REMARKS")
            dates = [table.place(name) for name in ("PERIOD_OF_REPORT", "DATE_OF_ORIG_SUB")]
            boxes = [table.place(name) for name in ("AFF10B5ONE", "NOT_SUBJECT_SEC16")]
            for row in self._whole(table):
                key, day = self._key(row[accession]), days(row[filed])
                if key is None or day is None or not is_whole(row[issuer]) or not row[form].strip():
                    self.unreadable += key is not None
                    continue
                called = [None if place is None else text(row[place]) for place in names]
                dated = [None if place is None or not row[place] else days(row[place]) for place in dates]
                ticked = [None if place is None or not row[place] else yes(row[place]) for place in boxes]
                who = (row[form].strip(), int(row[issuer]), *called)
                said = None if remarks is None else text(row[remarks])
                yield key, (key, _SET, *who, self._known(day), day, *dated, *ticked, said)

    def _known(self, day: int) -> datetime:
        """From when on a filing of *day* was known: a set has no times, and nobody may know a thing before."""
        if day not in self._closes:
            filed = date(day // 10_000, day // 100 % 100, day % 100)
            self._closes[day] = datetime.combine(filed, _CLOSES, calendar.EASTERN)
        return self._closes[day]

    def _whole(self, table: Table) -> Iterator[list[str]]:
        """The rows, each with all columns: empty cells at the end may be left out."""
        self._table = table
        width = table.width
        for row in table.rows:
            if len(row) == width:
                yield row
            elif 1 < len(row) < width:
                yield row + [""] * (width - len(row))
            else:
                self.unreadable += bool(row)
        self._before += table.at()
        self._table = None

    def _key(self, accession: str) -> int | None:
        if accession not in self._keys:
            try:
                self._keys[accession] = key_of(accession_number(accession.strip()))
            except ValueError:
                self._keys[accession] = None
                self.unreadable += 1
        return self._keys[accession]

    def _plan(self, name: str, table: Table) -> Plan:
        part = PARTS[ROWS.index(name)]
        return [self._column(column, table) if column in part.__struct_fields__ else None for column in PLAIN]

    def _column(self, name: str, table: Table) -> tuple[int, Callable[[str], Any]] | None:
        place = table.place(*_COLUMNS[name])
        return None if place is None else (place, self._how(name))

    def _how(self, name: str) -> Callable[[str], Any]:
        if name in CLOSED:
            return self._cells.one_of(CLOSED[name])
        if name.endswith("_date"):
            return self._cells.day
        if name == "equity_swap_involved":
            return self._cells.yes
        return text if name in _TEXTS else self._cells.number


def sum_of(table: str, row: tuple[Any, ...]) -> int:
    """What a row adds to the sum of its filing: the same wherever it stands, and whatever number the SEC gives it."""
    return crc32(orjson.dumps(row[_SAID[table] :]), _SEEDS[table])


def trait_of(table: str, row: tuple[Any, ...]) -> int:
    """What a row adds to the traits of its filing."""
    if table == FILINGS:
        return AMENDMENT if row[2].endswith("/A") else 0
    if table not in _TRANSACTIONS:
        return 0
    return _TRAITS[row[_CODE]] | (SWAP if row[_SWAPPED] else 0)


_TRANSACTIONS = ROWS[0], ROWS[2]
_CODE, _SWAPPED = (4 + PLAIN.index(name) for name in ("transaction_code", "equity_swap_involved"))
_TRAITS: Mapping[str | None, int] = {code and TransactionCode(code).value: bit for code, bit in TRAIT_OF_CODE.items()}

_SAID = dict.fromkeys(ROWS, 4) | {OWNERS: 2, FILINGS: 2, NOTES: 1}  # from which column on
_SEEDS = {table: crc32(table.encode()) for table in _SAID}


def _cited(table: Table, boxes: Sequence[str]) -> list[tuple[str, int]]:
    """Which boxes cite footnotes, and where."""
    found = [
        (box, table.place(*(f"{column}_FN" for column in columns))) for box, columns in _COLUMNS.items() if box in boxes
    ]
    return [(box, place) for box, place in found if place is not None]


def _places(source: Set, name: str, table: Table, *columns: str) -> list[int]:
    """Where *columns* stand; raises ConfigError where one is missing."""
    lacking = [column for column in columns if column not in table.columns]
    if lacking:
        raise ConfigError(f"{source.path}: {name}.tsv has no column {', '.join(lacking)}")
    return [table.columns[column] for column in columns]
