"""``amendments: false``: originals only."""

from collections.abc import Iterator

from consumers.matcher.predicates.predicate import Predicate
from consumers.matcher.subject import Subject
from service.model.fact import Verdict
from service.model.rule import Rule


def amendment(rule: Rule) -> Iterator[Predicate[Subject]]:
    """True where the filing amends no other."""
    if rule.amendments:
        return
    yield Predicate(
        text="is no amendment",
        test=lambda subject: Verdict.of(not subject.document.is_amendment),
        stated=lambda subject: (f"document type {subject.document.document_type}", ()),
    )
