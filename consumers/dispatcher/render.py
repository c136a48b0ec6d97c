"""An alert in words, the same for every channel that people read."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from msgspec import Struct

from consumers.amendments.telling import differences, headed
from consumers.dispatcher.known import lines_of, notes_of
from consumers.words import kind, owner_text, plain, rounded
from service.model.alert import Alert, Evidence
from service.model.calendar import EASTERN
from service.model.fact import Fact, Kind, Measure, Verdict
from service.model.filing import Filing, Source
from service.model.ownership import Box, DerivativeTransaction
from service.model.rule import Priority
from service.text import legible
from service.words import span

_TOLD = timedelta(days=2)  # stretches that are longer are no latency: a filing that was played again, say
_PRICED = frozenset({Kind.PURCHASE, Kind.SALE})  # money that was paid is price and value
_DIFFERENCES = 6  # of an amendment
_CITED = 8  # footnotes named beside a box

Line = tuple[str, str]
"""A label and its text."""


class RowText(Struct, frozen=True, kw_only=True):
    """One matched row."""

    title: str
    lines: tuple[Line, ...]


class Rendering(Struct, frozen=True, kw_only=True):
    """Who, what, why, and where to read on. Each text is one line of what can be seen, whatever was filed."""

    headline: str
    form: str
    accession: str
    rule: str
    description: str | None
    who: tuple[str, ...]
    company: str
    notes: tuple[str, ...]  # amendment, 10b5-1 plan
    remarks: str | None
    rows: tuple[RowText, ...]
    why: tuple[str, ...]
    footnotes: tuple[Line, ...]
    flags: tuple[str, ...]
    links: tuple[Line, ...]
    way: str | None  # when it was accepted, and how long it took from there
    also: tuple[str, ...] = ()  # who else filed the same trade, and under which number


def rendering(alert: Alert) -> Rendering:
    """*alert* in words."""
    alert = legible(alert)
    issuer = alert.issuer
    symbols = f" [{', '.join(issuer.symbols)}]" if issuer.symbols else ""
    return Rendering(
        headline=alert.headline,
        form=alert.filing.form,
        accession=alert.filing.accession,
        rule=f"{alert.rule} (urgent)" if alert.priority is Priority.URGENT else alert.rule,
        description=alert.description,
        who=tuple(owner_text(owner) for owner in alert.owners),
        company=f"{issuer.issuer_name or 'unnamed'}{symbols}, CIK {issuer.issuer_cik}",
        notes=tuple(_notes(alert)),
        remarks=alert.remarks,
        rows=tuple(_row(fact) for fact in alert.rows),
        why=tuple(_why(alert)),
        footnotes=tuple((number, text) for number, text in alert.footnotes.items()),
        flags=tuple(f"{flag.message}{f' ({flag.where})' if flag.where else ''}" for flag in alert.flags),
        way=_way(alert.filing),
        links=(("Filing", alert.filing.links.index), ("Full submission", alert.filing.links.submission)),
    )


def _way(filing: Filing) -> str | None:
    """When EDGAR accepted *filing*, and its way from there, as far as it is known."""
    times = filing.times
    if times.accepted is None:
        return None
    parts = [f"Accepted {times.accepted.astimezone(EASTERN):%Y-%m-%d %H:%M:%S} Eastern"]
    stretches = [("in the feed after", times.accepted, times.updated), ("seen after", times.updated, times.seen)]
    stretches.append(("alert after", times.seen, times.matched))
    if filing.provenance.source is Source.INDEX:
        parts.append("missed by the feed, found in the SEC's index")
        stretches.clear()
    for name, start, end in stretches:
        if start is not None and end is not None and timedelta(0) <= end - start < _TOLD:
            parts.append(f"{name} {span(end - start)}")
    return ", ".join(parts)


def _notes(alert: Alert) -> Iterable[str]:
    if alert.amends is not None:
        yield f"{headed(alert.amends)}: {alert.amends.reason}"
        lines = [f"{place}: {what.rstrip('.')}" for place, what in differences(alert.amends)]
        more = [f"and {len(lines) - _DIFFERENCES} more"] if len(lines) > _DIFFERENCES else []
        if lines:
            yield f"Before and now: {'; '.join((*lines[:_DIFFERENCES], *more))}."
    elif alert.amendment:
        yield "This amends an earlier filing; it may restate, add to, or withdraw it."
    if alert.plan_10b5_1:
        yield "The filing's Rule 10b5-1 box is ticked; its footnotes say which rows it covers."
    yield from notes_of(alert.facts)


def _row(fact: Fact) -> RowText:
    row, stated = fact.transaction, fact.measures
    code = f", code {row.transaction_code}" if row.transaction_code else ""
    title = f"{fact.place}: {kind(fact)}{code}"

    doubtful = {flag.box for flag in fact.flags}

    def line(label: str, box: str, text: str | None) -> Line | None:
        """The line as filed, with the footnotes its box cites; a box with only footnotes is unknown."""
        cited = _cited(row.footnotes.get(Box(box), ()))
        if text is None:
            return (label, f"stated only in {cited}") if cited else None
        doubt = ", in doubt: see what is odd" if box in doubtful else ""
        return label, f"{text}{doubt} ({cited})" if cited else f"{text}{doubt}"

    def number(label: str, box: str, measure: Measure) -> Line | None:
        filed = getattr(row, box)
        return line(label, box, None if filed is None else rounded(measure, filed))

    def value() -> Line | None:
        if Measure.VALUE not in stated:
            return number("Value", "transaction_total_value", Measure.VALUE)
        return ("Value", rounded(Measure.VALUE, stated[Measure.VALUE])) if stated[Measure.VALUE] else None

    lines = [
        line("Security", "security_title", row.security_title),
        line("Date", "transaction_date", _day(row.transaction_date)),
        number("Shares", "transaction_shares", Measure.SHARES),
        number("Price", "transaction_price_per_share", Measure.PRICE),
        value(),
    ]
    if isinstance(row, DerivativeTransaction):
        lines += [
            number("Strike", "conversion_or_exercise_price", Measure.STRIKE),
            line("Underlying", "underlying_security_shares", _underlying(row)),
            ("Exercise value", rounded(Measure.EXERCISE_VALUE, stated[Measure.EXERCISE_VALUE]))
            if Measure.EXERCISE_VALUE in stated and fact.kind not in _PRICED
            else None,
            line("Exercisable", "exercise_date", _day(row.exercise_date)),
            line("Expires", "expiration_date", _day(row.expiration_date)),
        ]
    lines += [
        number("Owned after", "shares_owned_following_transaction", Measure.OWNED_AFTER),
        line("Ownership", "nature_of_ownership", _ownership(fact)),
        *lines_of(fact.facts),
    ]
    return RowText(title=title, lines=tuple(found for found in lines if found is not None))


def _cited(numbers: Sequence[str]) -> str:
    """``footnotes F1, F2``; of many, the first ones."""
    more = f" and {len(numbers) - _CITED} more" if len(numbers) > _CITED else ""
    return f"footnote{'s' if len(numbers) > 1 else ''} {', '.join(numbers[:_CITED])}{more}" if numbers else ""


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _underlying(row: DerivativeTransaction) -> str | None:
    shares = row.underlying_security_shares
    parts = [plain(shares)] if shares is not None else []
    if row.underlying_security_title:
        parts.append(row.underlying_security_title)
    return " ".join(parts) or None


def _ownership(fact: Fact) -> str | None:
    if fact.ownership is None:
        return fact.transaction.nature_of_ownership
    nature = fact.transaction.nature_of_ownership
    return f"{fact.ownership.name.lower()}{f': {nature}' if nature else ''}"


def _why(alert: Alert) -> Iterable[str]:
    explanation = alert.explanation
    for evidence in explanation.filing:
        yield from _evidence("Filing", evidence)
    for row in explanation.rows:
        for evidence in row.evidence:
            yield from _evidence(row.place, evidence)
    for evidence in explanation.total:
        yield from _evidence("All matched rows", evidence)
    if not (explanation.filing or explanation.total or any(row.evidence for row in explanation.rows)):
        yield "The rule asks for every filing."


def _evidence(place: str, evidence: Evidence) -> Iterable[str]:
    """What *evidence* says; of what it is made of, the parts that decided."""
    boxes = ", ".join(evidence.boxes)
    notes = _cited(evidence.footnotes)
    where = f"{place}{f', {boxes}' if boxes else ''}{f' ({notes})' if notes else ''}"
    verdict = "" if evidence.verdict is Verdict.TRUE else f" ({evidence.verdict})"
    decided = [part for part in evidence.parts if part.verdict is evidence.verdict]
    yield f"{where}: {evidence.predicate}{verdict}{'' if decided else f': {evidence.stated}'}"
    for part in decided:
        yield from _evidence(place, part)
