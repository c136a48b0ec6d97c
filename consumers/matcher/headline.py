"""An alert in one line: who did what, how much, at which company."""

from collections.abc import Sequence
from decimal import Decimal

from consumers.matcher.subject import Subject
from consumers.words import plain, rounded, security, verb
from service.model.fact import Fact, Measure
from service.model.ownership import ReportingOwner


def headline(subject: Subject, rows: Sequence[Fact]) -> str:
    """The line for *rows* of *subject*; the largest row gives the words, the others are counted."""
    issuer = subject.document.issuer
    symbols = f" [{', '.join(issuer.symbols)}]" if issuer.symbols else ""
    company = f"{issuer.issuer_name or issuer.issuer_cik}{symbols}"
    who = _who(subject.document.reporting_owners)
    if not rows:
        return f"{company}: {who} filed a form {subject.document.document_type} without transactions"
    first = max(rows, key=_weight)
    more = f", and {len(rows) - 1} more row{'s' if len(rows) > 2 else ''}" if len(rows) > 1 else ""
    return f"{company}: {who} {verb(first.kind)} {_what(first)}{more}"


def _who(owners: Sequence[ReportingOwner]) -> str:
    first = owners[0]
    title = first.relationship.officer_title or first.relationship.other_text
    if not title and first.relationship.is_director:
        title = "director"
    if not title and first.relationship.is_ten_percent_owner:
        title = "10% owner"
    others = f" and {len(owners) - 1} more" if len(owners) > 1 else ""
    return f"{first.rpt_owner_name or first.rpt_owner_cik}{f' ({title})' if title else ''}{others}"


def _weight(fact: Fact) -> Decimal:
    for measure in (Measure.EXERCISE_VALUE, Measure.VALUE, Measure.SHARES):
        if fact.measures.get(measure):
            return fact.measures[measure]
    return Decimal(0)


def _what(fact: Fact) -> str:
    stated = fact.measures
    shares = plain(stated[Measure.SHARES]) if Measure.SHARES in stated else "an unstated number of"
    text = f"{shares} {security(fact)}"
    if stated.get(Measure.EXERCISE_VALUE):
        strike, total = stated[Measure.STRIKE], stated[Measure.EXERCISE_VALUE]
        return f"{text} at {rounded(Measure.STRIKE, strike)}, exercise value {rounded(Measure.EXERCISE_VALUE, total)}"
    if stated.get(Measure.VALUE):
        price = f" at {rounded(Measure.PRICE, stated[Measure.PRICE])}" if Measure.PRICE in stated else ""
        return f"{text}{price}, {rounded(Measure.VALUE, stated[Measure.VALUE])}"
    return text
