"""``plan_10b5_1``: made under a Rule 10b5-1 trading plan or not (the filing's box)."""

from consumers.language.fields import yes_or_no
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.predicates.predicate import ClaimType, Level, Predicate, Stated
from consumers.matcher.subject import Subject
from service.model.fact import Fact, MeasureSource, Verdict
from service.model.ownership import Box, OwnershipDocument
from service.text import one_line

_BOX = FACTS["plan_10b5_1"]
_SOURCES = (MeasureSource(box=Box("aff10b5_one"), number="10b5-1 box"),)
_FIRST = "X0407"  # the schema that brought the box, in 2023


def _predicate(asked: bool) -> Predicate:
    """True where the box stands as *asked*; unknown where the filing has no such box, or no yes or no in it."""

    def test(subject: Subject, _: Fact) -> Verdict:
        box = _BOX.of(subject)
        return Verdict.UNKNOWN if box is None else Verdict.of(box is asked)

    def stated(subject: Subject, _: Fact) -> Stated:
        box = _BOX.of(subject)
        if box is None:
            return f"unknown: {_why_unknown(subject.document)}", _SOURCES
        return "ticked" if box else "not ticked", _SOURCES

    return Predicate(level=Level.FILING, text=f"10b5-1 plan is {'yes' if asked else 'no'}", test=test, stated=stated)


def _why_unknown(document: OwnershipDocument) -> str:
    filed, version = document.raw.get(_SOURCES[0].box), document.schema_version
    if filed is not None:
        return f"the box holds {one_line(filed)[:40]!r}, which is neither yes nor no"
    if version is None:
        return "the filing has no such box, and does not say of which form version it is"
    return f"form version {version} has no such box" if version < _FIRST else "the box is left out"


PLAN = ClaimType(key="plan_10b5_1", field=yes_or_no(_BOX.meaning), predicate=_predicate)
