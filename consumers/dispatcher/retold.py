"""Alerts on filings that tell of one trade, in words: the first in full, and of the others who filed them. Pure."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from consumers.dispatcher.render import Rendering, rendering
from consumers.words import NO_ROLE, owner_text
from service.model.alert import Alert
from service.model.fact import Fact
from service.model.tape import bounded, where
from service.text import legible, one_line

_OWNERS = 3  # of a filing that are named in a line
_NAMED = 4  # in a headline


def in_words(alerts: Sequence[Alert], *, whole: bool = False) -> list[Rendering]:
    """*alerts* on one filing, or on filings that tell of one trade, in words, by rule. The first stands for the trade.

    Of the others it says who filed them, and what they report besides. Where that trade was told before, it is short,
    but *whole*: for whoever has words of their own.
    """
    first = alerts[0]
    mine = [one for one in alerts if one.filing.accession == first.filing.accession]
    others = [one for one in alerts if one.filing.accession != first.filing.accession]
    known = {(one.rule_id, one.rule) for one in mine}
    further = {key: one for one in reversed(others) if (key := (one.rule_id, one.rule)) not in known}
    words = [rendering(one) for one in mine]
    words += [replace(rendering(one), rows=(), footnotes=()) for one in reversed(further.values())]
    filed = tuple(_filed(first, one) for one in _by_filing(others))
    if not first.repeats:
        return [replace(words[0], also=filed), *words[1:]]
    if whole:
        return [replace(words[0], also=(_once_more(first, [first]), *filed)), *words[1:]]
    short = [replace(one, rows=(), why=(), footnotes=(), remarks=None, flags=()) for one in words]
    issuer = legible(first).issuer
    line = f"{where(issuer.issuer_name or issuer.issuer_cik, issuer.symbols)}: "
    headline = one_line(line + _once_more(first, [first, *_by_filing(others)], small=True))
    return [replace(short[0], headline=headline, notes=(words[0].headline.removeprefix(line),), also=filed), *short[1:]]


def who_filed(alerts: Iterable[Alert], most: int = _OWNERS) -> str:
    """``FUND IV (10% owner), PARTNER PAT (director) and 2 more``: the owners of *alerts*, each once."""
    owners = list({owner.rpt_owner_cik: owner for alert in alerts for owner in legible(alert).owners}.values())
    named = ", ".join(bounded(owner_text(owner).removesuffix(f" ({NO_ROLE})")) for owner in owners[:most])
    return f"{named} and {len(owners) - most} more" if len(owners) > most else named


def also_filed(first: Alert, others: Sequence[Alert]) -> list[str]:
    """``PARTNER PAT (0009990900-25-000002)`` for each other filing of *others* than that of *first*."""
    filings = [one for one in _by_filing(others) if one.filing.accession != first.filing.accession]
    return [
        f"{_names(one)} ({one.filing.accession}{f': {one.headline}' if besides(first, one) else ''})" for one in filings
    ]


def _names(alert: Alert) -> str:
    first, *rest = alert.owners
    return f"{bounded(first.rpt_owner_name or first.rpt_owner_cik)}{f' and {len(rest)} more' if rest else ''}"


def besides(first: Alert, other: Alert) -> bool:
    """Whether *other* reports rows that *first* does not: as a filing does that goes on where the form was full."""
    return not _rows(other.rows) <= _rows(first.rows)


def _once_more(first: Alert, filed: Sequence[Alert], *, small: bool = False) -> str:
    same = "same" if small else "Same"
    return f"{same} trade as {first.first_told_by}, also filed by {who_filed(filed, _NAMED)}"


def _filed(first: Alert, other: Alert) -> str:
    """Who filed *other*, under which number, and what it reports besides."""
    line = f"Also filed by {who_filed([other])}: form {other.filing.form} {other.filing.accession}"
    return f"{line}. It reports further rows: {legible(other).headline}" if besides(first, other) else line


def _by_filing(alerts: Sequence[Alert]) -> list[Alert]:
    """An alert on each filing, in their order."""
    return list({one.filing.accession: one for one in reversed(alerts)}.values())[::-1]


def _rows(facts: Iterable[Fact]) -> set[object]:
    """What tells that two rows report the same: whoever holds it, and however."""
    rows = (fact.transaction for fact in facts)
    return {
        (type(row), row.transaction_date, row.transaction_code, row.transaction_shares, row.transaction_price_per_share)
        for row in rows
    }
