"""Filings of companies and insiders, and the tables of a quarterly set that they make."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from tests.kit.market_people import Company, Insider
from tests.kit.market_rows import NOTES, Cells, Rows
from tests.kit.quarters import TABLES, Quarter, a_day

_BOX = date(2023, 4, 1)  # the 10b5-1 box exists since
_AGENTS = 97


@dataclass(slots=True)
class Filing:
    """What is filed."""

    company: Company
    owners: Sequence[Insider]
    rows: Rows
    traded: date
    filed: date
    event: tuple[int, str]
    form: str = "4"
    original: date | None = None  # of what it amends
    plan: bool = False
    left: bool = False


class Tables:
    """Gives filings and rows their numbers, set after set."""

    def __init__(self) -> None:
        self._numbers: defaultdict[tuple[int, int], int] = defaultdict(int)  # of filing agents, by year
        self._row = 1_000_000

    def of(self, name: str, filings: Iterable[Filing], rnd: Random) -> Quarter:
        """The set of this *name*."""
        tables: dict[str, list[Cells]] = {table: [] for table in TABLES}
        events = {self._written(filing, tables): filing.event for filing in filings}
        for rows in tables.values():
            rnd.shuffle(rows)
        return Quarter(name=name, tables=tables, events=events)

    def _written(self, filing: Filing, tables: dict[str, list[Cells]]) -> str:
        """Put *filing* into *tables*; returns its accession number."""
        agent, year = filing.company.cik % _AGENTS + 900_000, filing.filed.year
        self._numbers[agent, year] += 1
        accession = f"{agent:010d}-{year % 100:02d}-{self._numbers[agent, year]:06d}"
        tables["SUBMISSION"].append(_submitted(accession, filing))
        for owner in filing.owners:
            tables["REPORTINGOWNER"].append(_reported(accession, owner))
        notes = set[str]()
        for name, cells in filing.rows:
            self._row += 1
            tables[name].append({"ACCESSION_NUMBER": accession, f"{name}_SK": str(self._row)} | cells)
            notes.update(value for column, value in cells.items() if column.endswith("_FN"))
        for note in sorted(notes):
            tables["FOOTNOTES"].append(
                {"ACCESSION_NUMBER": accession, "FOOTNOTE_ID": note, "FOOTNOTE_TXT": NOTES[note]}
            )
        signed = {"OWNERSIGNATURENAME": f"/s/ {filing.owners[0].name}", "OWNERSIGNATUREDATE": a_day(filing.filed)}
        tables["OWNER_SIGNATURE"].append({"ACCESSION_NUMBER": accession} | signed)
        return accession


def _submitted(accession: str, filing: Filing) -> Cells:
    boxed = filing.filed >= _BOX
    return {
        "ACCESSION_NUMBER": accession,
        "FILING_DATE": a_day(filing.filed),
        "PERIOD_OF_REPORT": a_day(filing.traded),
        "DATE_OF_ORIG_SUB": a_day(filing.original) if filing.original else "",
        "NOT_SUBJECT_SEC16": "true" if filing.left else "",
        "DOCUMENT_TYPE": filing.form,
        "ISSUERCIK": f"{filing.company.cik:010d}",
        "ISSUERNAME": filing.company.name,
        "ISSUERTRADINGSYMBOL": filing.company.symbol,
        "AFF10B5ONE": str(int(filing.plan)) if boxed else "",
    }


def _reported(accession: str, owner: Insider) -> Cells:
    return {
        "ACCESSION_NUMBER": accession,
        "RPTOWNERCIK": f"{owner.cik:010d}",
        "RPTOWNERNAME": owner.name,
        "RPTOWNER_RELATIONSHIP": owner.relation,
        "RPTOWNER_TITLE": owner.title,
        "RPTOWNER_STREET1": "1 MAIN STREET",
        "RPTOWNER_CITY": "NEW YORK",
        "RPTOWNER_STATE": "NY",
        "RPTOWNER_ZIPCODE": "10001",
    }
