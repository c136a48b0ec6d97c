"""``watchlist``: a company or person to look out for."""

from collections.abc import Iterator

from consumers.matcher.predicates.predicate import Predicate
from consumers.matcher.subject import Subject
from consumers.matcher.watched import hits
from service.model.fact import Source, Verdict
from service.model.rule import Rule, Watchlist


def watchlist(rule: Rule) -> Iterator[Predicate[Subject]]:
    """True where any of the rule's watchlists names the issuer or an owner."""
    lists = rule.watchlists
    if not lists:
        return

    def stated(subject: Subject) -> tuple[str, tuple[Source, ...]]:
        found = [hit for entries in lists for hit in hits(entries, subject)]
        issuer = subject.document.issuer
        if not found:
            return f"{issuer.issuer_name} {'/'.join(issuer.symbols)} and its owners are not on it".replace(
                "  ", " "
            ), ()
        return ", ".join(text for text, _ in found), tuple(dict.fromkeys(source for _, source in found))

    yield Predicate(
        text=f"on watchlist {' or '.join(entries.name for entries in lists)}",
        test=lambda subject: Verdict.of(any(_on(entries, subject) for entries in lists)),
        stated=stated,
    )


def _on(entries: Watchlist, subject: Subject) -> bool:
    return next(hits(entries, subject), None) is not None
