"""By what a filing is on a watchlist: the company's CIK, either symbol box, an owner."""

from datetime import date

import pytest

from consumers.language.rules import rules, watchlists
from consumers.matcher.match import CompiledRule
from consumers.matcher.watched import hits, is_on
from service.model.filing import Cik
from service.model.ownership import Issuer
from service.model.rule import Watchlist
from service.model.tickers import Placement
from tests.kit.documents import a_row, a_subject, met

DAY = date(2026, 11, 25)
APPLE = Placement("AAPL", Cik("0000320193"), "Apple Inc.", DAY)


def found(
    tickers: list[str], *placed: Placement, cik: str, symbols: tuple[str, ...] = (), abroad: str | None = None
) -> str:
    """The words, and the boxes behind them."""
    entries = watchlists({"ours": {"tickers": tickers}})["ours"].with_placed(placed)
    issuer = Issuer(issuer_cik=Cik(cik), symbols=symbols, issuer_foreign_trading_symbol=abroad)
    subject = a_subject(a_row(), issuer=issuer)
    said = [f"{text} [{source.box}]" for text, source in hits(entries, subject)]
    assert bool(said) is is_on(entries, subject)
    return "; ".join(said)


@pytest.mark.parametrize(
    ("cik", "symbols", "expected"),
    [
        ("0000320193", ("AAPL",), "ticker AAPL [issuer_trading_symbol]"),
        ("0000320193", (), "ticker AAPL, which is CIK 320193 by the SEC's list of 2026-11-25 [issuer_cik]"),
        ("0000320193", ("OTHER",), "ticker AAPL, which is CIK 320193 by the SEC's list of 2026-11-25 [issuer_cik]"),
        ("0000000007", ("OTHER",), ""),
    ],
)
def test_a_ticker_finds_its_company_by_cik_and_says_so(cik: str, symbols: tuple[str, ...], expected: str) -> None:
    """Whatever the box says."""
    assert expected == found(["AAPL"], APPLE, cik=cik, symbols=symbols)


def test_another_company_with_the_ticker_is_said_to_be_another() -> None:
    """A successor's first filings must not be missed, and must not look like its predecessor's."""
    said = found(["AAPL"], APPLE, cik="0000000007", symbols=("AAPL",))

    assert said.startswith("ticker AAPL, though this issuer is not Apple Inc. (CIK 320193), which it stands for by")
    assert said.endswith("see `filingbell watchlists check` [issuer_trading_symbol]")


@pytest.mark.parametrize(
    ("watched", "abroad", "expected"),
    [
        ("9999.TW", "9999.TW", "ticker 9999.TW [issuer_foreign_trading_symbol]"),
        ("TSTXCPO", "BMV: TSTXCPO", "ticker TSTXCPO [issuer_foreign_trading_symbol]"),
        ("T", "T", ""),  # Telus, in Toronto
        ("9999.TW", None, ""),
    ],
)
def test_symbols_of_other_markets_are_found_in_their_box(watched: str, abroad: str | None, expected: str) -> None:
    """Unless they could be a ticker here, which is another company's there."""
    assert expected == found([watched], cik="0000000007", symbols=("TSTX",), abroad=abroad)


def test_only_the_company_that_is_meant_is_left_out() -> None:
    """A ticker that has moved must not silence its new company."""
    entries = watchlists({"ours": {"tickers": ["AAPL"]}})["ours"]

    def left_out(*placed: Placement, cik: str) -> bool:
        issuer = Issuer(issuer_cik=Cik(cik), symbols=("AAPL",))
        rule = a_rule_of(entries.with_placed(placed))
        return "false" == met(rule, a_subject(a_row(), issuer=issuer)).verdict

    assert left_out(APPLE, cik="0000320193")
    assert left_out(cik="0000000007")
    assert not left_out(APPLE, cik="0000000007")


def a_rule_of(entries: Watchlist) -> CompiledRule:
    (rule,) = rules({"rule": {"exclude": "ours", "channels": "desk"}}, {"ours": entries}, {"desk"})
    return CompiledRule.of(rule)
