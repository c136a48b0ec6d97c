"""A filing's line on the tape."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from consumers.matcher.headline import insiders, told
from consumers.matcher.subject import Subject
from service.model.fact import Fact, Kind, Measure
from service.model.filing import Times
from service.model.tape import TapeLine

_WORTH = {
    Kind.PURCHASE: Measure.VALUE,
    Kind.SALE: Measure.VALUE,
    Kind.OPTION_GRANT: Measure.EXERCISE_VALUE,
}
"""The kinds of rows whose worth is summed, and what tells it."""


def line_of(subject: Subject, at: datetime) -> TapeLine:
    """The line of *subject*, which is matched *at* that time."""
    filing, document, rows = subject.filing, subject.document, subject.facts
    flags = [*document.flags, *[flag for row in rows for flag in row.flags]]
    sums = _sums(rows)
    return TapeLine(
        accession=filing.accession,
        accepted=_accepted(filing.times) or at,
        published=filing.times.published,
        form=filing.form,
        history=filing.provenance.history,
        issuer=document.issuer.issuer_cik,
        company=document.issuer.issuer_name or filing.issuer_name,
        symbols=document.issuer.symbols,
        insiders=insiders(subject),
        kinds=tuple(dict.fromkeys([kind for row in rows for kind in row.kinds or (row.kind,)])),
        told=told(subject, rows),
        bought=sums.get(Kind.PURCHASE),
        sold=sums.get(Kind.SALE),
        granted=sums.get(Kind.OPTION_GRANT),
        flags=tuple(dict.fromkeys([flag.code for flag in flags])),
        index=filing.links.index,
    )


def _accepted(times: Times) -> datetime | None:
    return times.accepted or times.updated or times.seen or times.published


def _sums(rows: Iterable[Fact]) -> dict[Kind, Decimal]:
    """What all rows of a kind are worth together; without the kinds of which a row does not state it."""
    stated: dict[Kind, list[Decimal | None]] = {}
    for row in rows:
        measure = _WORTH.get(row.kind)
        if measure is not None:
            stated.setdefault(row.kind, []).append(row.measures.get(measure))
    known = {kind: [one for one in all_of if one is not None] for kind, all_of in stated.items()}
    return {kind: sum(some, Decimal(0)) for kind, some in known.items() if len(some) == len(stated[kind])}
