"""Watchlists as the index sees them: the entries under which a rule is found, and those under which a filing looks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from consumers.matcher.subject import Subject
from consumers.matcher.watched import owners_of, symbols_of
from service.model.rule import Watchlist

EVERYWHERE = ""
"""The entry of rules that name no watchlist."""

_KEY = "entries"


def entries(scope: Iterable[Watchlist], seen: Counter[str]) -> Iterator[str]:
    """The entries under which a rule with *scope* is found; a name by the rarest of its words, as they were *seen*.

    A filing that looks under none of them is on none of the watchlists; only a name has to be looked at closer.
    """
    for watchlist in scope:
        yield from (f"ticker {ticker}" for ticker in watchlist.tickers)
        yield from (f"issuer {cik}" for cik in watchlist.issuers)
        yield from (f"owner {cik}" for cik in watchlist.owners)
        for name in watchlist.owner_names:
            yield f"name {min(name.split(), key=lambda word: (seen[word], word))}"


def looked_up(subject: Subject) -> Sequence[str]:
    """The entries of watchlists under which *subject* looks, each once; the same for every level of the index."""
    if _KEY not in subject.known:
        subject.known[_KEY] = tuple(dict.fromkeys(_entries_of(subject)))
    found: Sequence[str] = subject.known[_KEY]
    return found


def _entries_of(subject: Subject) -> Iterator[str]:
    yield from (f"ticker {symbol}" for symbol in symbols_of(subject))
    yield f"issuer {subject.document.issuer.issuer_cik}"
    for owner, words in owners_of(subject):
        yield f"owner {owner.rpt_owner_cik}"
        yield from (f"name {word}" for word in words)
