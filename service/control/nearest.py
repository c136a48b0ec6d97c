"""Companies of the SEC's list by name, and what may have been meant by what it does not have."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property, partial

from service.model.tickers import ListedCompany, Tickers
from service.names import folded

_NEAR = 0.6  # how like a ticker must be to be offered
_COUNT = 3
_TIMES = 50
_LOOKED_AT = 200  # of which the likeliest are offered
_FORMS = frozenset(
    (
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "ltd",
        "limited",
        "plc",
        "lp",
        "llc",
        "sa",
        "nv",
        "ag",
    )
)


class Nearest:
    """Looks up names and tickers in a list; None: it has not come yet, and has nothing.

    What is like something is looked for so many times and no more: each takes some 50 ms, and nobody reads thousands.
    """

    def __init__(self, listed: Tickers | None) -> None:
        self._listed: Mapping[str, ListedCompany] = listed.listed if listed else {}
        self._left = _TIMES

    def to(self, text: str) -> tuple[str, ...]:
        """The tickers that are most like *text*, or whose company's name begins so; none once it was asked often."""
        self._left -= 1
        if self._left < 0:
            return ()
        name = f"{_plain(text)} "
        named = [tickers[0] for known, tickers in self._names.items() if name.strip() and f"{known} ".startswith(name)]
        like = sorted(get_close_matches(text.upper(), self._listed, _LOOKED_AT, _NEAR), key=partial(self._unlike, text))
        return tuple(dict.fromkeys((*named[:_COUNT], *like)))[:_COUNT]

    def called(self, name: str) -> str | None:
        """A ticker of the one company of this *name*, whatever its legal form; None: there is none, or several."""
        found = self._names.get(_plain(name), ())
        return found[0] if len({self._listed[ticker].cik for ticker in found}) == 1 else None

    def _unlike(self, text: str, ticker: str) -> tuple[int, int]:
        """How many letters *ticker* is away from *text*; of two that are as near, the larger company's comes first."""
        return _distance(text.upper(), ticker), self._order[ticker]

    @cached_property
    def _order(self) -> Mapping[str, int]:
        """The place of each ticker; the list begins with the largest companies."""
        return {ticker: place for place, ticker in enumerate(self._listed)}

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        """The tickers of each name."""
        found: dict[str, tuple[str, ...]] = {}
        for ticker, company in self._listed.items():
            name = _plain(company.name)
            found[name] = (*found.get(name, ()), ticker)
        return found


def _distance(one: str, other: str) -> int:
    """How many letters must be put in, taken out or changed to make *other* of *one* (Levenshtein)."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        before, row[0] = row[0], place
        for column, theirs in enumerate(other, 1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (letter != theirs))
    return row[-1]


def _plain(name: str) -> str:
    """*name* without the state (``/DE/``) and the words for a legal form."""
    words = folded(name.partition(" /")[0]).split()
    return " ".join(word for word in words if word not in _FORMS) or " ".join(words)
