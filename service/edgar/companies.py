"""EDGAR's JSON about companies: tickers, and what one company or person has filed. Pure."""

import re
from collections.abc import Collection
from datetime import date

import msgspec

from service.edgar.index import IndexEntry
from service.model.errors import Unreachable
from service.model.filing import Accession, Cik, accession_number, central_index_key

_NAME = re.compile(r"CIK\d{10}-submissions-\d{1,6}\.json", re.ASCII)


class _Company(msgspec.Struct):
    cik_str: int
    ticker: str
    title: str = ""


class _Columns(msgspec.Struct, rename="camel"):
    accession_number: list[str]
    filing_date: list[date]
    form: list[str]


class _More(msgspec.Struct, rename="camel"):
    name: str
    filing_from: date
    filing_to: date


class _Filings(msgspec.Struct):
    recent: _Columns
    files: list[_More]


class _Submissions(msgspec.Struct):
    filings: _Filings


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """From the first day to the last, both included."""

    since: date
    until: date

    def __contains__(self, day: date) -> bool:
        return self.since <= day <= self.until


def listed_tickers(data: bytes) -> dict[str, tuple[Cik, str]]:
    """CIK and name of each ticker's company, from ``company_tickers.json``, in its order (the largest come first).

    Tickers have their class behind a point. Raises Unreachable where *data* is something else.
    """
    try:
        companies = msgspec.json.decode(data, type=dict[str, _Company])
        return {
            one.ticker.upper().replace("-", "."): (central_index_key(str(one.cik_str)), one.title)
            for one in companies.values()
        }
    except (msgspec.MsgspecError, ValueError) as error:
        raise Unreachable(f"the list of tickers cannot be read: {error}") from error


def ticker_ciks(data: bytes) -> dict[str, Cik]:
    """Whose each ticker is, class behind a hyphen as in the list; raises Unreachable as above."""
    return {ticker.replace(".", "-"): cik for ticker, (cik, _) in listed_tickers(data).items()}


def company_filings(
    data: bytes, cik: Cik, forms: Collection[str], period: Period
) -> tuple[tuple[IndexEntry, ...], tuple[str, ...]]:
    """What *cik* filed of *forms* in *period*, from its submissions file, and the names of the files that go on.

    Raises Unreachable where *data* is something else.
    """
    try:
        filings = msgspec.json.decode(data, type=_Submissions).filings
    except msgspec.MsgspecError as error:
        raise Unreachable(f"the filings of {cik} cannot be read: {error}") from error
    strange = [one.name for one in filings.files if not _NAME.fullmatch(one.name)]
    if strange:  # addresses are ours to make; what EDGAR sends leads nowhere else
        raise Unreachable(f"the filings of {cik} cannot be read: they go on in {strange[0]!r}")
    more = [one.name for one in filings.files if one.filing_to >= period.since and one.filing_from <= period.until]
    return _entries(filings.recent, cik, forms, period), tuple(more)


def earlier_filings(data: bytes, cik: Cik, forms: Collection[str], period: Period) -> tuple[IndexEntry, ...]:
    """The same from one of the files that go on."""
    try:
        return _entries(msgspec.json.decode(data, type=_Columns), cik, forms, period)
    except msgspec.MsgspecError as error:
        raise Unreachable(f"the earlier filings of {cik} cannot be read: {error}") from error


def _entries(columns: _Columns, cik: Cik, forms: Collection[str], period: Period) -> tuple[IndexEntry, ...]:
    lengths = {len(columns.accession_number), len(columns.form), len(columns.filing_date)}
    if len(lengths) != 1:
        raise Unreachable(f"the filings of {cik} cannot be read: its columns are of different lengths")
    rows = zip(columns.accession_number, columns.form, columns.filing_date, strict=True)
    return tuple(
        IndexEntry(accession=_accession(number, cik), form=form, ciks=(cik,), filed_on=filed_on)
        for number, form, filed_on in rows
        if form in forms and filed_on in period
    )


def _accession(text: str, cik: Cik) -> Accession:
    try:
        return accession_number(text)
    except ValueError as error:
        raise Unreachable(f"the filings of {cik} cannot be read: {error}") from error
