"""What of a filing stands on a watchlist: the issuer by its CIK or by the symbol box, an owner by CIK or name."""

from collections.abc import Iterator

from consumers.matcher.subject import Subject
from consumers.names import words_of
from consumers.parser.symbols import finding
from service.model.fact import Source
from service.model.ownership import Box, ReportingOwner
from service.model.rule import Watchlist

_SYMBOLS, _OWNERS = object(), object()  # the keys under which a subject keeps what every watchlist asks it


def symbols_of(subject: Subject) -> tuple[str, ...]:
    """The symbols by which watchlists find the issuer: those of the box, and without its class what has one."""
    if _SYMBOLS not in subject.known:
        subject.known[_SYMBOLS] = finding(subject.document.issuer.symbols)
    found: tuple[str, ...] = subject.known[_SYMBOLS]
    return found


def owners_of(subject: Subject) -> tuple[tuple[ReportingOwner, frozenset[str]], ...]:
    """Each owner with the words of its name."""
    if _OWNERS not in subject.known:
        owners = subject.document.reporting_owners
        subject.known[_OWNERS] = tuple((owner, words_of(owner.rpt_owner_name or "")) for owner in owners)
    found: tuple[tuple[ReportingOwner, frozenset[str]], ...] = subject.known[_OWNERS]
    return found


def hits(entries: Watchlist, subject: Subject) -> Iterator[tuple[str, Source]]:
    """By what *subject* is on the watchlist, in words, and the box that says so."""
    issuer = subject.document.issuer
    for symbol in symbols_of(subject):
        if symbol in entries.tickers:
            yield f"ticker {symbol}", Source(box=Box("issuer_trading_symbol"), number="box 2")
    if issuer.issuer_cik in entries.ciks:
        yield f"issuer CIK {issuer.issuer_cik}", Source(box=Box("issuer_cik"), number="box 2")
    for owner, words in owners_of(subject):
        if owner.rpt_owner_cik in entries.owners:
            yield f"owner CIK {owner.rpt_owner_cik}", Source(box=Box("rpt_owner_cik"), number="box 1")
        for name in entries.owner_names:
            if words.issuperset(name.split()):
                yield f"owner {owner.rpt_owner_name}", Source(box=Box("rpt_owner_name"), number="box 1")
