"""The tape: every filing in one line, in the order in which EDGAR took them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from service.model.fact import Kind
from service.model.filing import Accession, Cik
from service.model.flag import FlagCode

_ROOM = 150  # characters of a name or title


class Insider(Struct, frozen=True, kw_only=True):
    """One of those who report."""

    cik: Cik
    name: str | None
    role: str | None  # the title, or what is ticked in box 5; None: neither says anything


def headline_of(company: str, symbols: Sequence[str], insiders: Sequence[Insider], told: str) -> str:
    """``Example Corp [EXMP]: DOE JANE (CEO) and 2 more sold 1,000 shares``: where, who, what."""
    first, *rest = insiders
    role = f" ({bounded(first.role)})" if first.role else ""
    more = f" and {len(rest)} more" if rest else ""
    return f"{where(company, symbols)}: {bounded(first.name or first.cik)}{role}{more} {told}"


def where(company: str, symbols: Sequence[str]) -> str:
    """``Example Corp [EXMP]``."""
    listed = f" [{', '.join(symbols)}]" if symbols else ""
    return f"{bounded(company)}{listed}"


def bounded(name: str) -> str:
    """*name*, with no more of it than EDGAR's form has room for: a longer one would hide what was done."""
    return name if len(name) <= _ROOM else f"{name[: _ROOM - 3]}..."


class TapeLine(Struct, frozen=True, kw_only=True):
    """A filing as a person skims it."""

    accession: Accession
    accepted: datetime  # where EDGAR's header does not say it: when it was first known of
    published: datetime | None
    form: str  # "4", "4/A"
    history: bool  # published for the record: it alerted nobody
    issuer: Cik
    company: str | None
    symbols: tuple[str, ...]  # as filed, normalised
    insiders: tuple[Insider, ...]
    kinds: tuple[Kind, ...]  # of its rows
    told: str  # what was done, in a trader's words: "sold 1,000 shares of Common Stock at $10 for $10,000"
    bought: Decimal | None  # USD, in Table I; None: nothing was, or a row states no value
    sold: Decimal | None  # likewise
    granted: Decimal | None  # USD: what it costs to exercise all options that were granted; None: likewise
    flags: tuple[FlagCode, ...]  # what is odd in it
    index: str  # where EDGAR shows it

    @property
    def headline(self) -> str:
        """The line as a person reads it, and as an alert on all its rows begins."""
        return headline_of(self.company or self.issuer, self.symbols, self.insiders, self.told)

    @property
    def amends(self) -> bool:
        """Whether it amends an earlier filing."""
        return self.form.endswith("/A")

    @property
    def worth(self) -> Decimal | None:
        """USD: the largest of its sums; None: it states none."""
        return max((one for one in (self.bought, self.sold, self.granted) if one is not None), default=None)
