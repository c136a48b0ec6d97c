"""The symbol box: every way in which filers fill it, against the SEC's own list."""

from collections import Counter
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest

from consumers.parser.document import parse
from consumers.parser.symbols import finding, normalised, ticker
from tests.kit import datasets
from tests.kit.builders import an_ownership_xml

SPELLINGS = {
    # one symbol, and what stands around it
    "ABC": "ABC",
    " abc ": "ABC",
    "NYSE: ABC": "ABC",
    "NYSE:ABC": "ABC",
    "(NASDAQ: ABC)": "ABC",
    "NASDAQ-GS: ABC": "ABC",
    "NYSE American: ABC": "ABC",
    "ABC (NYSE)": "ABC",
    "[ABC]": "ABC",
    "ABC, abc": "ABC",
    "BRK/B": "BRK.B",
    "BRK-B": "BRK.B",
    "F": "F",
    "OTCQB: ABCDF": "ABCDF",
    "NYSE/ABC": "ABC",
    "NASDAQ_ABC": "ABC",
    "ABC-NYSE": "ABC",
    "ABC:NASDAQ": "ABC",
    "ASX:ABC": "ABC",
    "NASDAQ Global Market: ABC": "ABC",
    "OTC Markets: ABC": "ABC",
    "Symbol: ABC": "ABC",
    "ABC.OB": "ABC",
    "ABC.A.U": "ABC",
    "ABC*": "ABC",
    "'ABC": "ABC",
    "ABC US Equity": "ABC",
    "BRK B": "BRK.B",
    "ABC PRA": "ABC",
    "N O G": "NOG",
    "CBOE": "CBOE",
    "US": "US",
    "9999.TW": "9999.TW",
    "TSTX": "TSTX",
    "T S T X": "TSTX",
    "T  S  T  X": "TSTX",
    "T.S.T.X": "TSTX",
    "T-S-T-X": "TSTX",
    "T_S_T_X": "TSTX",
    "NYSE: T S T X": "TSTX",
    "T S T X (NASDAQ)": "TSTX",
    "T/S/T/X": "TSTX",
    "B R K . B": "BRK.B",
    "B R K / B": "BRK.B",
    "B R K B": "BRKB",
    "TSTX (Nasdaq)": "TSTX",
    "NYSE American LLC: TSTX": "TSTX",
    "The NASDAQ Stock Market: TSTX": "TSTX",
    "NASDAQ Global Select Market - TSTX": "TSTX",
    "TSTX - NYSE American": "TSTX",
    "TSTX on NASDAQ": "TSTX",
    "TSTX (traded on the OTCQB)": "TSTX",
    "OTC QB: TSTX": "TSTX",
    "OTC-QB:TSTX": "TSTX",
    "Pink Sheets: TSTX": "TSTX",
    "TSX-V: TSTX": "TSTX",
    "LSE:TSTX": "TSTX",
    "TSTX.L": "TSTX.L",
    "US.TSTX": "TSTX",
    "NYSE.TSTX": "TSTX",
    "TSTX.N": "TSTX.N",
    "TSTX-US": "TSTX.US",
    "TSTX US": "TSTX",
    "TSTX/U": "TSTX.U",
    "TSTX.U": "TSTX.U",
    "TSTX U": "TSTX",
    "TSTX P": "TSTX",
    "TSTX PRA": "TSTX",
    "TSTX PR A": "TSTX",
    "TSTX PFD A": "TSTX",
    "TSTX SERIES A": "TSTX",
    "TSTX CLASS A": "TSTX.A",
    "TSTX CL B": "TSTX.B",
    "TSTX CLASS A COMMON": "TSTX",
    "TSTX WS": "TSTX",
    "TSTX WARRANTS": "TSTX",
    "TSTX, U": "TSTX",
    "TSTX/A/U": "TSTX",
    "TSTX^A": "TSTX.A",
    "TSTX-PA": "TSTX.PA",
    "TSTX A": "TSTX.A",
    "TSTX Common Stock": "TSTX",
    "$TSTX": "TSTX",
    "TSTX.": "TSTX",
    "\u2018TSTX\u2019": "TSTX",
    "TSTX\u00ae": "TSTX",
    "TSTX \u2013 NYSE": "TSTX",
    "\uff34\uff33\uff34\uff38": "TSTX",
    "TSTX\u00a0": "TSTX",
    "NYSE: CBOE": "CBOE",
    "CBOE US Equity": "CBOE",
    "GS": "GS",
    "GS PRA": "GS",
    "NYSE: GS": "GS",
    "NYSE GS": "GS",
    "ASX": "ASX",
    "NYSE: ASX": "ASX",
    "ON": "ON",
    "IT": "IT",
    "NASDAQ: ON": "ON",
    "ALL": "ALL",
    "T, VZ": "VZ",
    "005930.KS": "005930.KS",
    "0700.HK": "0700.HK",
    "BRK/A": "BRK.A",
    "TSTX New York": "TSTX",
    "Ticker: TSTX": "TSTX",
    "Trading Symbol TSTX": "TSTX",
    "Common Stock TSTX": "TSTX",
    "TSTX*": "TSTX",
    "TSTX (OTC: PINK)": "TSTX",
    "TSTX.OB": "TSTX",
    "TSTX.PK": "TSTX",
    "TSTX.OTC": "TSTX",
    "TSTX.A.U": "TSTX",
    "OTCMKTS:TSTX": "TSTX",
    "AMEX-TSTX": "TSTX",
    "BRKB": "BRKB",
    "TSTX/NYSE": "TSTX",
    "NYSE/NASDAQ: TSTX": "TSTX",
    "NASDAQ/TSX: TSTX": "TSTX",
    "NASDAQ:TSTX, TASE:TSTX": "TSTX",
    # several
    "ABC, ABC.A": "ABC ABC.A",
    "ABC; XYZ": "ABC XYZ",
    "ABC and XYZ": "ABC XYZ",
    "NYSE: BRK/B, brk.a": "BRK.B BRK.A",
    "BRK.A/BRK.B": "BRK.A BRK.B",
    "ABC/ABCDF": "ABC ABCDF",
    "NYSE: ABC/NASDAQ: XYZ": "ABC XYZ",
    "ABC or ABCW": "ABC ABCW",
    "TSX V: TSTX; OTCQB: TSTXF": "TSTX TSTXF",
    "TSXV:TSTX/OTCQB:TSTXF": "TSTX TSTXF",
    "NYSE: TSTX NASDAQ: TSTY": "TSTX TSTY",
    "TSTX, TSTXU, TSTXW": "TSTX TSTXU TSTXW",
    "Z, ZG": "Z ZG",
    "ZG, Z": "ZG Z",
    "Z AND ZG": "Z ZG",
    "CCL CUK": "CCL CUK",
    "CCL/CUK": "CCL CUK",
    "BIO BIOB": "BIO BIOB",
    "UONE UONEK": "UONE UONEK",
    "FOX FOXA": "FOX FOXA",
    "2330.TW; TSM": "2330.TW TSM",
    "HEI, HEI.A": "HEI HEI.A",
    "BRK-A, BRK-B": "BRK.A BRK.B",
    "MOGA/MOGB": "MOGA MOGB",
    "BRK A/BRK B": "BRK.A BRK.B",
    "BRK.A AND BRK.B": "BRK.A BRK.B",
    "TSTA / TSTB": "TSTA TSTB",
    "TSTA & TSTB": "TSTA TSTB",
    "TSTA|TSTB": "TSTA TSTB",
    "TSTA\nTSTB": "TSTA TSTB",
    "TSTA TSTB": "TSTA TSTB",
    "TSTA (NYSE), TSTB (NASDAQ)": "TSTA TSTB",
    "TSTA (NYSE)/TSTB (NASDAQ)": "TSTA TSTB",
    "TSTX (formerly TSTA)": "TSTX TSTA",
    # none
    "n/a": "",
    "N/A": "",
    "NONE": "",
    "None": "",
    "": "",
    "-": "",
    "not applicable": "",
    "NYSE": "",
    "1314152": "",
    "ctb$news20": "",
    "N / A": "",
    "N.A.": "",
    "NA": "",
    "N A": "",
    "n/a (private)": "",
    "None.": "",
    "Not yet assigned": "",
    "To be determined": "",
    "TBD": "",
    "Private company": "",
    "no symbol": "",
    "[NONE]": "",
    "--": "",
    "N\\A": "",
    "See remarks": "",
    "N/A; N/A": "",
    "NONE/N/A": "",
    "0001314152": "",
    "Unlisted": "",
    "NYSE AMERICAN": "",
    "OTC PINK": "",
    "NASDAQ Global Market": "",
}

WORDS = (
    "NYSE AMERICAN NATIONAL CBOE PINK GLOBAL SELECT CAPITAL MARKET MARKETS US EQUITY COMMON STOCK CLASS SERIES "
    "PRA PR PFD WS SYMBOL TICKER OR AND ON THE NEW YORK INC NONE NOT BE "
)


@pytest.mark.parametrize(("filed", "expected"), SPELLINGS.items())
def test_symbols_are_read_however_the_box_is_filled(filed: str, expected: str) -> None:
    """A watchlist says BRK.B, filers say anything."""
    issuer = parse(an_ownership_xml(symbol=escape(filed))).issuer

    assert tuple(expected.split()) == issuer.symbols == normalised(filed)


def test_the_box_is_kept_as_filed() -> None:
    """What is made of it stands beside it."""
    assert "NYSE: ABC/B" == parse(an_ownership_xml(symbol=" NYSE: ABC/B ")).issuer.issuer_trading_symbol


@pytest.mark.parametrize(
    "around", ["NYSE: {}", "{} (NASDAQ)", "{}.OB", "{}-NYSE", "{} US Equity", "{}*", "OTC Pink: {}"]
)
@pytest.mark.parametrize("inside", ["T S T X", "TSTX PRA", "TSTX U", "TSTX Class A", "TSTX.A.U", "TSTX/U", "TSTX, U"])
def test_what_stands_around_a_symbol_is_no_symbol(inside: str, around: str) -> None:
    """Neither its letters, nor its class, nor the exchange; and who watches the company is told."""
    found = finding(normalised(around.format(inside)))

    assert "TSTX" in found
    assert not {one for one in found if len(one) == 1 or one in WORDS.split()}


def test_a_unit_and_a_share_of_a_class_find_the_company() -> None:
    """Who watches HEI means HEI.A, too; who watches HEI.A does not mean HEI."""
    assert ("HEI.A", "HEI") == finding(normalised("HEI/A"))
    assert ("HEI",) == finding(normalised("HEI"))


def test_every_ticker_of_the_secs_list_can_be_watched_and_filed() -> None:
    """No word for an exchange, or for none, is a symbol of the list."""
    listed = {one.replace("-", ".") for one in datasets.tickers()}

    assert listed == {ticker(one) for one in datasets.tickers()}
    assert {"NA"} == {one for one in datasets.tickers() if normalised(one) != (ticker(one),)}  # 8 others' word for none


def test_the_symbols_of_half_a_quarter_agree_with_the_secs_list(capsys: pytest.CaptureFixture[str]) -> None:
    """Companies change their symbols: of issuers that the list of a year later has, 97 % stand there with theirs."""
    by_issuer: dict[int, set[str]] = {}
    for listed, cik in datasets.tickers().items():
        by_issuer.setdefault(cik, set()).add(listed.replace("-", "."))
    told: Counter[str] = Counter()
    odd: dict[str, tuple[str, ...]] = {}
    for row in datasets.rows("SUBMISSION"):
        filed, theirs = row["ISSUERTRADINGSYMBOL"], by_issuer.get(int(row["ISSUERCIK"]))
        symbols = normalised(filed)
        if not (filed.isalpha() and filed.isascii() and len(filed) <= 5):
            odd[filed] = symbols
        verdict = "not listed" if theirs is None else "none stated" if not symbols else "differs"
        told["agrees" if theirs and theirs & set(finding(symbols)) else verdict] += 1
    with capsys.disabled():
        print(f"\nsymbols of half a quarter: {dict(told)}; {len(odd)} spellings that are not plain:")
        print("  " + ", ".join(f"{filed} = {' '.join(symbols) or '-'}" for filed, symbols in sorted(odd.items())))

    assert Decimal(told["agrees"]) / (told["agrees"] + told["differs"]) > Decimal("0.97")
    assert ("NOG",) == odd["N O G"]
    assert {"-", "1314152", "M-6697", "N/A", "[NONE]", "ctb$news20", "n/a"} == {one for one in odd if not odd[one]}


def test_a_box_of_any_length_is_read_at_once() -> None:
    """A filer's file can be as long as EDGAR lets it."""
    assert ("ABC",) == normalised("ABC" + " " * 100_000 + "-" + " /" * 100_000)
