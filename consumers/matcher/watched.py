"""What of a filing stands on a watchlist: the issuer by its CIK or by the symbol box, an owner by CIK or name."""

from collections.abc import Iterator

from consumers.matcher.subject import Subject
from consumers.parser.symbols import finding, normalised
from service.model.fact import MeasureSource
from service.model.ownership import Box, ReportingOwner
from service.model.rule import Watchlist
from service.model.tickers import Placement
from service.names import words_of

_SYMBOLS, _OWNERS = object(), object()  # the keys under which a subject keeps what every watchlist asks it


def symbols_of(subject: Subject) -> tuple[str, ...]:
    """The symbols by which watchlists find the issuer: those of the boxes, and without its class what has one."""
    if _SYMBOLS not in subject.known:
        issuer = subject.document.issuer
        abroad = (
            () if issuer.issuer_foreign_trading_symbol is None else normalised(issuer.issuer_foreign_trading_symbol)
        )
        subject.known[_SYMBOLS] = finding((*issuer.symbols, *filter(_is_foreign, abroad)))
    found: tuple[str, ...] = subject.known[_SYMBOLS]
    return found


def owners_of(subject: Subject) -> tuple[tuple[ReportingOwner, frozenset[str]], ...]:
    """Each owner with the words of its name."""
    if _OWNERS not in subject.known:
        owners = subject.document.reporting_owners
        subject.known[_OWNERS] = tuple((owner, words_of(owner.rpt_owner_name or "")) for owner in owners)
    found: tuple[tuple[ReportingOwner, frozenset[str]], ...] = subject.known[_OWNERS]
    return found


def is_on(entries: Watchlist, subject: Subject, *, surely: bool = False) -> bool:
    """Whether the issuer or an owner of *subject* is on the watchlist.

    With *surely*, a symbol that stands for another company by the SEC's list is not enough.
    """
    if subject.document.issuer.issuer_cik in entries.issuers:
        return True
    filed = [symbol for symbol in symbols_of(subject) if symbol in entries.tickers]
    if filed and not (surely and {one.ticker for one in entries.placed}.issuperset(filed)):
        return True
    return any(
        owner.rpt_owner_cik in entries.owners or any(words.issuperset(name.split()) for name in entries.owner_names)
        for owner, words in owners_of(subject)
    )


def hits(entries: Watchlist, subject: Subject) -> Iterator[tuple[str, MeasureSource]]:
    """By what *subject* is on the watchlist, in words, and the box that says so."""
    issuer = subject.document.issuer
    placed = {one.ticker: one for one in entries.placed}
    at_home = finding(issuer.symbols)
    filed = [symbol for symbol in symbols_of(subject) if symbol in entries.tickers]
    for symbol in filed:
        company = placed.get(symbol)
        other = f", {_another(company)}" if company and company.cik != issuer.issuer_cik else ""
        box = "issuer_trading_symbol" if symbol in at_home else "issuer_foreign_trading_symbol"
        yield f"ticker {symbol}{other}", MeasureSource(box=Box(box), number="box 2")
    by_cik = MeasureSource(box=Box("issuer_cik"), number="box 2")
    if issuer.issuer_cik in entries.ciks:
        yield f"issuer CIK {issuer.issuer_cik}", by_cik
    for ticker, company in sorted(placed.items()):
        if company.cik == issuer.issuer_cik and ticker not in filed:
            yield f"ticker {ticker}, which is CIK {int(company.cik)} by the SEC's list of {company.listed}", by_cik
    for owner, words in owners_of(subject):
        if owner.rpt_owner_cik in entries.owners:
            yield f"owner CIK {owner.rpt_owner_cik}", MeasureSource(box=Box("rpt_owner_cik"), number="box 1")
        for name in entries.owner_names:
            if words.issuperset(name.split()):
                yield f"owner {owner.rpt_owner_name}", MeasureSource(box=Box("rpt_owner_name"), number="box 1")


def _is_foreign(symbol: str) -> bool:
    """Whether *symbol* can be no ticker of the SEC's list: T in the box for foreign symbols is not AT&T."""
    return len(symbol) > 5 or not symbol.isalpha()


def _another(company: Placement) -> str:
    return (
        f"though this issuer is not {company.name} (CIK {int(company.cik)}), which it stands for by the SEC's list of "
        f"{company.listed}: see `filingbell watchlists check`"
    )
