"""The list of tickers that goes with the look-alike's filings."""

import json
import re
from collections.abc import Iterable
from html import unescape

PATH = "/files/company_tickers.json"

_ISSUER = re.compile(rb"<issuer>.*?</issuer>", re.DOTALL)
_FIELD = re.compile(rb"<(issuerCik|issuerName|issuerTradingSymbol)>\s*([^<]*?)\s*</")
_PLAIN = re.compile(r"[A-Z]{1,5}")


def ticker_list(submissions: Iterable[bytes]) -> bytes:
    """``company_tickers.json`` with the issuers of *submissions*, as the SEC writes it; the last one counts."""
    found: dict[str, tuple[int, str]] = {}
    for data in submissions:
        issuer = _ISSUER.search(data)
        fields = {name: unescape(text.decode("latin-1")) for name, text in _FIELD.findall(issuer[0] if issuer else b"")}
        symbol, cik = fields.get(b"issuerTradingSymbol", "").upper(), fields.get(b"issuerCik", "")
        if _PLAIN.fullmatch(symbol) and symbol != "NONE" and cik.isdecimal():
            found[symbol] = int(cik), fields.get(b"issuerName", "")
    return tickers_json((ticker, cik, name) for ticker, (cik, name) in found.items())


def tickers_json(rows: Iterable[tuple[str, int, str]]) -> bytes:
    """The list of *rows*: ticker, CIK and name."""
    listed = ({"cik_str": cik, "ticker": ticker, "title": name} for ticker, cik, name in rows)
    return json.dumps({str(number): row for number, row in enumerate(listed)}).encode()
