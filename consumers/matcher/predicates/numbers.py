"""What a filing says of a number or a date: how it comes about, or what leaves it unknown."""

from datetime import date
from decimal import Decimal
from typing import Any

from consumers.language.limit import quantity
from consumers.matcher.facts.boxes import RESTS_ON, sources
from consumers.matcher.facts.fact import AtLeast, FactType
from consumers.matcher.meaning.kinds import GRANTS
from consumers.matcher.predicates.said import applies, because, unknown
from consumers.matcher.subject import Subject
from consumers.words import cites, money, plain
from service.model.fact import Fact, Measure, MeasureSource
from service.model.flag import Flag

_WORTH = "a grant is filed with price $0 (or none), so its worth is not stated"


def number_said(asked: FactType, subject: Subject, fact: Fact) -> str:
    """``$582,000 ($2.91 x 200,000 shares)``, or ``unknown: box 2 ... states none (footnote F1)``."""
    value = asked.of(subject, fact)
    if asked.name not in RESTS_ON:
        return _other(asked, value, subject, fact)
    measure = Measure(asked.name)
    if value is None:
        return _unknown(fact, measure)
    assert isinstance(value, Decimal)
    text = quantity(asked, value)
    row = fact.transaction
    if measure is Measure.EXERCISE_VALUE:
        strike, underlying = fact.measures[Measure.STRIKE], fact.measures[Measure.UNDERLYING_SHARES]
        return f"{text} ({money(strike)} x {plain(underlying)} shares)"
    if measure is Measure.VALUE and row.transaction_total_value is None:
        price, shares = fact.measures[Measure.PRICE], fact.measures[Measure.SHARES]
        worth = f": {_WORTH}" if fact.kind in GRANTS and not price else ""
        return f"{text} ({money(price)} x {plain(shares)} shares){worth}"
    return text


def _other(asked: FactType, value: Any, subject: Subject, fact: Fact) -> str:
    if isinstance(value, Decimal | date):
        least = "at least " if isinstance(value, AtLeast) else ""
        return f"{least}{quantity(asked, value)}{because(asked, subject, fact)}"
    if applies(asked, subject, fact):
        return unknown(asked, subject, fact)
    if asked.applies is not None:
        return "the filing has no such rows"
    return f"{asked.name} applies to options and other derivatives (Table II) only"


def _unknown(fact: Fact, measure: Measure) -> str:
    """Which box leaves *measure* unknown, and how."""
    boxes, row = sources(fact, measure), fact.transaction
    if not boxes:
        return f"{measure} applies to options and other derivatives (Table II) only"
    if measure is Measure.FILING_LAG and row.transaction_date and not fact.flags:
        return "unknown: the day of filing is not known"
    doubts = {flag.box: flag for flag in fact.flags if flag.box}
    words = [
        f"{box.number} ({box.box}) {_doubt(doubts.get(box.box), fact, box)}"
        for box in boxes
        if box.box in doubts or getattr(fact.transaction, box.box) is None
    ]
    if measure is Measure.VALUE and fact.kind in GRANTS:
        words.append(_WORTH)
    return f"unknown: {'; '.join(words)}"


def _doubt(flag: Flag | None, fact: Fact, box: MeasureSource) -> str:
    if flag is None:
        return f"states none{cites(fact, box.box)}"
    return f"is in doubt{cites(fact, box.box)}: {flag.message}"
