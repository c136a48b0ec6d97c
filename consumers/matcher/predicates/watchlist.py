"""``watchlist`` and ``exclude``: companies or persons to look out for, or to leave out."""

from consumers.language.fields import Watchlists
from consumers.matcher.predicates.predicate import ClaimType, Level, Predicate, Stated
from consumers.matcher.subject import Subject
from consumers.matcher.watched import hits, is_on
from service.model.fact import Fact, Verdict
from service.model.rule import Watchlist


def _on_any(asked: tuple[Watchlist, ...]) -> Predicate:
    """True where any of the watchlists *asked* for names the issuer or an owner."""
    return Predicate(
        level=Level.FILING,
        of_owners=True,
        text=f"{_called(asked)} {_names(asked)}",
        test=lambda subject, _: Verdict.of(any(is_on(entries, subject) for entries in asked)),
        stated=lambda subject, _: _stated(asked, subject),
    )


def _on_none(asked: tuple[Watchlist, ...]) -> Predicate:
    """True where none of them surely does: a ticker that has moved to another company leaves out nobody."""

    def test(subject: Subject, _: Fact) -> Verdict:
        return Verdict.of(not any(is_on(entries, subject, surely=True) for entries in asked))

    return Predicate(
        level=Level.FILING,
        of_owners=True,
        text=f"not {_called(asked)} {_names(asked)}",
        test=test,
        stated=lambda subject, _: _stated(asked, subject),
    )


def _called(asked: tuple[Watchlist, ...]) -> str:
    return "among the exceptions of" if any(one.leaves_out for one in asked) else "on watchlist"


def _names(asked: tuple[Watchlist, ...]) -> str:
    return " or ".join(entries.name for entries in asked)


def _stated(asked: tuple[Watchlist, ...], subject: Subject) -> Stated:
    found = [hit for entries in asked for hit in hits(entries, subject)]
    if found:
        return ", ".join(text for text, _ in found), tuple(dict.fromkeys(source for _, source in found))
    issuer = subject.document.issuer
    return " ".join(f"{issuer.issuer_name} {'/'.join(issuer.symbols)} and its owners are not on it".split()), ()


WATCHLIST = ClaimType(key="watchlist", field=Watchlists, predicate=_on_any, lists=True)
EXCLUDE = ClaimType(key="exclude", field=Watchlists, predicate=_on_none, lists=True)
