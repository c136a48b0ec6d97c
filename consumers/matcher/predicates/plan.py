"""``plan_10b5_1``: made under a Rule 10b5-1 trading plan or not (the filing's box)."""

from consumers.language.fields import yes_or_no
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.predicates.predicate import ClaimType, Level, Predicate, Stated
from consumers.matcher.subject import Subject
from service.model.fact import Fact, Source, Verdict
from service.model.ownership import Box

_BOX = FACTS["plan_10b5_1"]


def _predicate(asked: bool) -> Predicate:
    """True where the box stands as *asked*; unknown on form versions without the box (before X0407)."""

    def test(subject: Subject, _: Fact) -> Verdict:
        box = _BOX.of(subject)
        return Verdict.UNKNOWN if box is None else Verdict.of(box is asked)

    def stated(subject: Subject, _: Fact) -> Stated:
        box = _BOX.of(subject)
        if box is None:
            version = subject.document.schema_version or "without a schema version"
            return f"unknown: form version {version} has no such box", ()
        return "ticked" if box else "not ticked", (Source(box=Box("aff10b5_one"), number="10b5-1 box"),)

    return Predicate(level=Level.FILING, text=f"10b5-1 plan is {'yes' if asked else 'no'}", test=test, stated=stated)


PLAN = ClaimType(key="plan_10b5_1", field=yes_or_no(_BOX.meaning), predicate=_predicate)
