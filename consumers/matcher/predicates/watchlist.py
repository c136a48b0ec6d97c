"""``watchlist``: a company or person to look out for."""

from collections.abc import Iterator

from consumers.matcher.predicates.predicate import Predicate
from consumers.matcher.subject import Subject
from service.model.fact import Source, Verdict
from service.model.ownership import Box
from service.model.rule import Rule, Watchlist


def watchlist(rule: Rule) -> Iterator[Predicate[Subject]]:
    """True where any of the rule's watchlists names the issuer or an owner."""
    lists = rule.watchlists
    if not lists:
        return

    def stated(subject: Subject) -> tuple[str, tuple[Source, ...]]:
        hits = [hit for entries in lists for hit in _hits(entries, subject)]
        issuer = subject.document.issuer
        if not hits:
            return f"{issuer.issuer_name} {'/'.join(issuer.symbols)} and its owners are not on it".replace(
                "  ", " "
            ), ()
        return ", ".join(text for text, _ in hits), tuple(dict.fromkeys(source for _, source in hits))

    yield Predicate(
        text=f"on watchlist {' or '.join(entries.name for entries in lists)}",
        test=lambda subject: Verdict.of(any(_on(entries, subject) for entries in lists)),
        stated=stated,
    )


def _on(entries: Watchlist, subject: Subject) -> bool:
    return next(_hits(entries, subject), None) is not None


def _hits(entries: Watchlist, subject: Subject) -> Iterator[tuple[str, Source]]:
    issuer = subject.document.issuer
    for symbol in issuer.symbols:
        if symbol in entries.tickers:
            yield f"ticker {symbol}", Source(box=Box("issuer_trading_symbol"), number="box 2")
    if issuer.issuer_cik in entries.ciks:
        yield f"issuer CIK {issuer.issuer_cik}", Source(box=Box("issuer_cik"), number="box 2")
    for owner in subject.document.reporting_owners:
        if owner.rpt_owner_cik in entries.owners:
            yield f"owner CIK {owner.rpt_owner_cik}", Source(box=Box("rpt_owner_cik"), number="box 1")
        words = set((owner.rpt_owner_name or "").casefold().replace(",", " ").split())
        for name in entries.owner_names:
            if words.issuperset(name.split()):
                yield f"owner {owner.rpt_owner_name}", Source(box=Box("rpt_owner_name"), number="box 1")
