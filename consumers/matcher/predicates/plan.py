"""``plan_10b5_1``: made under a Rule 10b5-1 trading plan or not (the filing's box)."""

from collections.abc import Iterator

from consumers.matcher.predicates.predicate import Predicate
from consumers.matcher.subject import Subject
from service.model.fact import Source, Verdict
from service.model.ownership import Box
from service.model.rule import Rule


def plan(rule: Rule) -> Iterator[Predicate[Subject]]:
    """True where the box stands as the rule wants; unknown on form versions without the box (before X0407)."""
    wanted = rule.plan_10b5_1
    if wanted is None:
        return

    def test(subject: Subject) -> Verdict:
        box = subject.document.aff10b5_one
        return Verdict.UNKNOWN if box is None else Verdict.of(box is wanted)

    def stated(subject: Subject) -> tuple[str, tuple[Source, ...]]:
        box = subject.document.aff10b5_one
        if box is None:
            version = subject.document.schema_version or "without a schema version"
            return f"unknown: form version {version} has no such box", ()
        return "ticked" if box else "not ticked", (Source(box=Box("aff10b5_one"), number="10b5-1 box"),)

    yield Predicate(text=f"10b5-1 plan is {'yes' if wanted else 'no'}", test=test, stated=stated)
