"""The facts that an alert carries: those of its rows and of its filing that are known."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import structs

from consumers.matcher.facts.registry import FACTS
from consumers.matcher.facts.vesting import tranches
from consumers.matcher.subject import Subject
from service.model.fact import Fact, FilingFacts
from service.model.known import RowFacts

_OF_ROWS = tuple((name, FACTS[name].reader) for name in RowFacts.__struct_fields__ if name != "vesting")
_OF_FILINGS = tuple((name, FACTS[name].reader) for name in FilingFacts.__struct_fields__)
_KEY = "told"


def with_facts(subject: Subject, rows: Iterable[Fact]) -> tuple[Fact, ...]:
    """*rows* of *subject* with all that is known of each; made once, whatever the number of alerts."""
    return tuple(_with_facts(subject, row) for row in rows)


def facts_told(subject: Subject) -> FilingFacts:
    """All that is known of the filing as a whole."""
    if _KEY not in subject.known:
        known = {name: read(subject, None) for name, read in _OF_FILINGS}
        subject.known[_KEY] = FilingFacts(**_sent(known))
    told: FilingFacts = subject.known[_KEY]
    return told


def _with_facts(subject: Subject, row: Fact) -> Fact:
    key = (_KEY, row.table, row.row)
    if key not in subject.known:
        known = {name: read(subject, row) for name, read in _OF_ROWS}
        facts = RowFacts(**_sent(known), vesting=tranches(subject, row))
        subject.known[key] = structs.replace(row, facts=facts)
    told: Fact = subject.known[key]
    return told


def _sent(known: Mapping[str, Any]) -> dict[str, Any]:
    """*known* with its words in order."""
    return {name: tuple(sorted(value)) if isinstance(value, frozenset) else value for name, value in known.items()}
