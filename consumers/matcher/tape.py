"""A filing's line on the tape."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from consumers.matcher.headline import insiders, told
from consumers.matcher.subject import Subject
from service.model.fact import Fact, Kind, Measure
from service.model.filing import Times
from service.model.tape import Line


def line_of(subject: Subject, at: datetime) -> Line:
    """The line of *subject*, which is matched *at* that time."""
    filing, document, rows = subject.filing, subject.document, subject.facts
    flags = [*document.flags, *(flag for row in rows for flag in row.flags)]
    return Line(
        accession=filing.accession,
        accepted=_accepted(filing.times) or at,
        published=filing.times.published,
        form=filing.form,
        history=filing.provenance.history,
        issuer=document.issuer.issuer_cik,
        company=document.issuer.issuer_name or filing.issuer_name,
        symbols=document.issuer.symbols,
        insiders=insiders(subject),
        kinds=tuple(dict.fromkeys(kind for row in rows for kind in row.kinds or (row.kind,))),
        told=told(subject, rows),
        bought=_sum(rows, Kind.PURCHASE, Measure.VALUE),
        sold=_sum(rows, Kind.SALE, Measure.VALUE),
        granted=_sum(rows, Kind.OPTION_GRANT, Measure.EXERCISE_VALUE),
        flags=tuple(dict.fromkeys(flag.code for flag in flags)),
        index=filing.links.index,
    )


def _accepted(times: Times) -> datetime | None:
    return times.accepted or times.updated or times.seen or times.published


def _sum(rows: Iterable[Fact], kind: Kind, measure: Measure) -> Decimal | None:
    """All of *measure* in the rows of *kind*; None: there is no such row, or one does not state it."""
    stated = [row.measures.get(measure) for row in rows if row.kind is kind]
    known = [one for one in stated if one is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(stated) else None
