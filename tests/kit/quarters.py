"""The SEC's quarterly data sets as they come: whole zips of all eight tables, made from a seed.

`a_quarter` is one whose cells have every shape that sets have, and whose filings have nothing to do with each other.
`tests.kit.market` tells of the same people and companies over years.
"""

import csv
import io
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from msgspec import Struct

from service.store import Database, history_sets

_FORMS = ("4",) * 40 + ("4/A", "3", "3/A", "5", "5/A")
_TITLES = (
    *("Common Stock",) * 60,
    *("Class A Common Stock", "Ordinary Shares", "Units") * 13,
    *('Common Stock, "Series B"', "Ordinary Shares\twith a tab"),  # one cell in a hundred or two is quoted
)
_CODES = "PSAAAMMFFGDJCX"
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_ROUNDED = (0, 0, 2, 2)

_QUOTED, _LONG = 'Footnote: "weighted average", see below.', "Shares held by a trust. " * 8

_SUBMISSION = (
    "ACCESSION_NUMBER FILING_DATE PERIOD_OF_REPORT DATE_OF_ORIG_SUB NO_SECURITIES_OWNED NOT_SUBJECT_SEC16 "
    "FORM3_HOLDINGS_REPORTED FORM4_TRANS_REPORTED DOCUMENT_TYPE ISSUERCIK ISSUERNAME ISSUERTRADINGSYMBOL REMARKS "
    "AFF10B5ONE"
)
_OWNER = (
    "ACCESSION_NUMBER RPTOWNERCIK RPTOWNERNAME RPTOWNER_RELATIONSHIP RPTOWNER_TITLE RPTOWNER_TXT RPTOWNER_STREET1 "
    "RPTOWNER_STREET2 RPTOWNER_CITY RPTOWNER_STATE RPTOWNER_ZIPCODE RPTOWNER_STATE_DESC FILE_NUMBER"
)
_HELD = (
    "SHRS_OWND_FOLWNG_TRANS SHRS_OWND_FOLWNG_TRANS_FN VALU_OWND_FOLWNG_TRANS VALU_OWND_FOLWNG_TRANS_FN "
    "DIRECT_INDIRECT_OWNERSHIP DIRECT_INDIRECT_OWNERSHIP_FN NATURE_OF_OWNERSHIP NATURE_OF_OWNERSHIP_FN"
)
_TRADED = (
    "TRANS_DATE TRANS_DATE_FN DEEMED_EXECUTION_DATE DEEMED_EXECUTION_DATE_FN TRANS_FORM_TYPE TRANS_CODE "
    "EQUITY_SWAP_INVOLVED EQUITY_SWAP_TRANS_CD_FN TRANS_TIMELINESS TRANS_TIMELINESS_FN TRANS_SHARES TRANS_SHARES_FN"
)
_PRICED = "TRANS_PRICEPERSHARE TRANS_PRICEPERSHARE_FN TRANS_ACQUIRED_DISP_CD TRANS_ACQUIRED_DISP_CD_FN"
_UNDERLYING = (
    "EXPIRATION_DATE EXPIRATION_DATE_FN UNDLYNG_SEC_TITLE UNDLYNG_SEC_TITLE_FN UNDLYNG_SEC_SHARES "
    "UNDLYNG_SEC_SHARES_FN UNDLYNG_SEC_VALUE UNDLYNG_SEC_VALUE_FN"
)
_TITLED = "SECURITY_TITLE SECURITY_TITLE_FN"
_STRIKE = "CONV_EXERCISE_PRICE CONV_EXERCISE_PRICE_FN"
TABLES = {
    "SUBMISSION": _SUBMISSION,
    "REPORTINGOWNER": _OWNER,
    "NONDERIV_TRANS": f"ACCESSION_NUMBER NONDERIV_TRANS_SK {_TITLED} {_TRADED} {_PRICED} {_HELD}",
    "NONDERIV_HOLDING": f"ACCESSION_NUMBER NONDERIV_HOLDING_SK {_TITLED} TRANS_FORM_TYPE TRANS_FORM_TYPE_FN {_HELD}",
    "DERIV_TRANS": (
        f"ACCESSION_NUMBER DERIV_TRANS_SK {_TITLED} {_STRIKE} {_TRADED} TRANS_TOTAL_VALUE TRANS_TOTAL_VALUE_FN "
        f"{_PRICED} EXCERCISE_DATE EXCERCISE_DATE_FN {_UNDERLYING} {_HELD}"
    ),
    "DERIV_HOLDING": (
        f"ACCESSION_NUMBER DERIV_HOLDING_SK {_TITLED} {_STRIKE} TRANS_FORM_TYPE TRANS_FORM_TYPE_FN EXERCISE_DATE "
        f"EXERCISE_DATE_FN {_UNDERLYING} {_HELD}"
    ),
    "FOOTNOTES": "ACCESSION_NUMBER FOOTNOTE_ID FOOTNOTE_TXT",
    "OWNER_SIGNATURE": "ACCESSION_NUMBER OWNERSIGNATURENAME OWNERSIGNATUREDATE",
}
"""The columns of each table, as the files have them."""


class Quarter(Struct, frozen=True, kw_only=True):
    """A set: the rows of each table, in no order."""

    tables: dict[str, list[dict[str, str]]]
    name: str = "2024q3"
    events: dict[str, tuple[int, str]] = {}  # of which event each filing is, and its kind, where that is known

    def zipped(self, path: Path) -> Path:
        """Write it to *path*, with the readme and metadata that come with it."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("FORM_345_readme.htm", "<html></html>")
            archive.writestr("FORM_345_metadata.json", "{}")
            for name, rows in self.tables.items():
                archive.writestr(f"{name}.tsv", _tsv(name, rows))
        return path

    def unpacked(self, folder: Path) -> Path:
        """Write it as files into *folder*."""
        folder.mkdir()
        for name, rows in self.tables.items():
            (folder / f"{name}.tsv").write_text(_tsv(name, rows), encoding="utf-8", newline="")
        return folder


def a_quarter(filings: int, *, year: int = 2024, quarter: int = 3, seed: int = 1) -> Quarter:
    """A set of so many *filings*, whose mix is that of 2024Q3: two owners here and there, five kinds of forms."""
    rnd = Random(seed)
    tables: dict[str, list[dict[str, str]]] = {name: [] for name in TABLES}
    first = date(year, 3 * quarter - 2, 1)
    for number in range(filings):
        _filing(rnd, f"{rnd.randrange(10**7, 2 * 10**7):010d}-{year % 100:02d}-{number:06d}", first, tables)
    for rows in tables.values():
        rnd.shuffle(rows)
    return Quarter(name=f"{year}q{quarter}", tables=tables)


def _filing(rnd: Random, accession: str, first: date, tables: dict[str, list[dict[str, str]]]) -> None:
    filed = first + timedelta(days=rnd.randrange(90))
    form = rnd.choice(_FORMS)
    issuer = rnd.randrange(1000, 5000)
    tables["SUBMISSION"].append(
        {
            "ACCESSION_NUMBER": accession,
            "FILING_DATE": a_day(filed),
            "PERIOD_OF_REPORT": a_day(filed - timedelta(days=rnd.randrange(4))),
            "DATE_OF_ORIG_SUB": a_day(filed - timedelta(days=26)) if form.endswith("/A") else "",
            "NOT_SUBJECT_SEC16": rnd.choice(("", "0", "1", "true", "false")),
            "DOCUMENT_TYPE": form,
            "ISSUERCIK": f"{issuer:010d}",
            "ISSUERNAME": f"EXAMPLE {issuer} CORP",
            "ISSUERTRADINGSYMBOL": f"E{issuer}",
            "REMARKS": 'See "Exhibit 24"' if rnd.random() < 0.05 else "",
            "AFF10B5ONE": rnd.choice(("0", "1", "", "false")),
        }
    )
    for _ in range(1 if rnd.random() < 0.95 else rnd.randrange(2, 6)):
        owner = rnd.randrange(100_000, 130_000)
        relation = rnd.choice(("Officer", "Director", "Director,Officer", "TenPercentOwner", "Officer,Other"))
        tables["REPORTINGOWNER"].append(
            {
                "ACCESSION_NUMBER": accession,
                "RPTOWNERCIK": f"{owner:010d}",
                "RPTOWNERNAME": f"DOE {owner}",
                "RPTOWNER_RELATIONSHIP": relation,
                "RPTOWNER_TITLE": "Chief Executive Officer" if "Officer" in relation else "",
                "RPTOWNER_TXT": "Former officer" if "Other" in relation else "",
                "RPTOWNER_STREET1": "1 MAIN STREET",
                "RPTOWNER_CITY": "NEW YORK",
                "RPTOWNER_STATE": "NY",
                "RPTOWNER_ZIPCODE": "10001",
                "FILE_NUMBER": "001-00001",
            }
        )
    for table, likely in (
        ("NONDERIV_TRANS", 1.7),
        ("NONDERIV_HOLDING", 0.5),
        ("DERIV_TRANS", 0.5),
        ("DERIV_HOLDING", 0.25),
    ):
        for _ in range(int(rnd.expovariate(1 / likely) + 0.5) if form[0] != "3" or "TRANS" not in table else 0):
            tables[table].append(_row(rnd, table, accession, filed, len(tables[table]) + 1_000_000))
    for number in range(rnd.randrange(4)):
        text = (
            f'Footnote {number + 1}: "weighted average", see below.'
            if rnd.random() < 0.02
            else "Shares held by a trust. " * 8
        )
        tables["FOOTNOTES"].append(
            {"ACCESSION_NUMBER": accession, "FOOTNOTE_ID": f"F{number + 1}", "FOOTNOTE_TXT": text}
        )
    signature = {"OWNERSIGNATURENAME": "/s/ Jane Doe", "OWNERSIGNATUREDATE": a_day(filed)}
    tables["OWNER_SIGNATURE"].append({"ACCESSION_NUMBER": accession, **signature})


def _row(rnd: Random, table: str, accession: str, filed: date, number: int) -> dict[str, str]:
    traded = filed - timedelta(days=rnd.randrange(3))
    return {
        "ACCESSION_NUMBER": accession,
        f"{table}_SK": str(number),
        "SECURITY_TITLE": rnd.choice(_TITLES),
        "SECURITY_TITLE_FN": rnd.choice(("", "", "", "F1", "F1, F2", "junk")),
        "CONV_EXERCISE_PRICE": _number(rnd, 100),
        "TRANS_DATE": a_day(traded),
        "TRANS_FORM_TYPE": "4",
        "TRANS_CODE": rnd.choice(_CODES),
        "EQUITY_SWAP_INVOLVED": rnd.choice(("0", "false", "1", "true")),
        "TRANS_TIMELINESS": rnd.choice(("", "", "", "L", "E")),
        "TRANS_SHARES": _number(rnd, 10**6),
        "TRANS_SHARES_FN": rnd.choice(("", "", "F1")),
        "TRANS_PRICEPERSHARE": rnd.choice(("", _number(rnd, 1000))),
        "TRANS_ACQUIRED_DISP_CD": rnd.choice("AD"),
        "EXCERCISE_DATE": "",
        "EXPIRATION_DATE": rnd.choice(("", a_day(traded + timedelta(days=3650)))),
        "EXPIRATION_DATE_FN": rnd.choice(("", "F2")),
        "UNDLYNG_SEC_TITLE": "Common Stock",
        "UNDLYNG_SEC_SHARES": _number(rnd, 10**6),
        "SHRS_OWND_FOLWNG_TRANS": _number(rnd, 10**7),
        "DIRECT_INDIRECT_OWNERSHIP": rnd.choice("DDDI"),
        "NATURE_OF_OWNERSHIP": rnd.choice(("", "", "By Trust")),
    }


async def an_empty_set(database: Database, name: str, at: datetime) -> int:
    """The id of a set called *name*, which was brought *at* that time, and has nothing in it."""
    begun = await history_sets.begin(database, name, name, at)
    async with database.transaction() as tx:
        return (await history_sets.finish(tx, begun.id, at)).id


def _number(rnd: Random, most: int) -> str:
    """As the sets write it: to two decimals, and a whole one with one."""
    return str(round(rnd.random() * most, rnd.choice(_ROUNDED)) if rnd.random() < 0.95 else 0.0)


def a_day(day: date) -> str:
    """As the sets write it: ``31-JUL-2024``."""
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"


def _tsv(name: str, rows: list[dict[str, Any]]) -> str:
    file = io.StringIO(newline="")
    columns = TABLES[name].split()
    made = csv.DictWriter(file, columns, restval="", extrasaction="ignore", delimiter="\t", lineterminator="\n")
    made.writeheader()
    made.writerows(rows)
    return file.getvalue()
