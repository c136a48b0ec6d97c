"""The SEC's lists: of every company's ticker, and of a company's filings."""

import json
from datetime import date

import msgspec
import pytest

from service.edgar.companies import Period, company_filings, ticker_ciks
from service.model.errors import Unreachable
from service.model.filing import Cik
from tests.kit.corpus import corpus


@pytest.mark.parametrize(
    "data",
    [
        b'{"0": {"cik_str": -5, "ticker": "X", "title": ""}}',
        b'{"0": {"cik_str": 99999999999, "ticker": "X", "title": ""}}',
        b"[]",
    ],
)
def test_a_malformed_list_of_tickers_is_an_outage(data: bytes) -> None:
    """It must not end the loop that reads it."""
    with pytest.raises(Unreachable):
        ticker_ciks(data)


def test_a_list_of_filings_with_columns_of_different_lengths_is_an_outage() -> None:
    """Rows would be put together wrongly."""
    recent = {"accessionNumber": ["0000320193-25-000001"], "filingDate": [], "form": []}
    data = msgspec.json.encode({"filings": {"recent": recent, "files": []}})
    with pytest.raises(Unreachable):
        company_filings(data, Cik("0000320193"), ("4",), Period(since=date(2024, 1, 1), until=date(2024, 6, 30)))


def test_real_lists_of_companies_are_read() -> None:
    """Katherine Adams' filings, and every company's ticker."""
    data = (corpus() / "json" / "submissions_CIK0001462356.json").read_bytes()
    period = Period(since=date(2003, 1, 1), until=date(2026, 12, 31))
    entries, more = company_filings(data, Cik("0001462356"), ("4", "4/A"), period)
    recent = json.loads(data)["filings"]["recent"]
    expected = [n for n, form in zip(recent["accessionNumber"], recent["form"], strict=True) if form in ("4", "4/A")]

    assert expected == [entry.accession for entry in entries]
    assert () == more
    tickers = ticker_ciks((corpus() / "json" / "company_tickers.json").read_bytes())
    assert ("0000320193", "0000789019") == (tickers["AAPL"], tickers["MSFT"])


def test_something_else_in_place_of_a_list_is_an_outage() -> None:
    """It is asked for again."""
    with pytest.raises(Unreachable):
        ticker_ciks(b"<html>maintenance</html>")
