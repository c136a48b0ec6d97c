"""What the filing says of itself: its form, its box for plans, and whether it goes on elsewhere."""

import re

from consumers.matcher.facts.fact import FactType, Type
from consumers.matcher.facts.notes import every
from consumers.matcher.subject import Subject
from service.model.ownership import Box

_CAP = 30  # rows that EDGAR accepts in a table

_NUMBER = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)"
_ORDINAL = rf"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final|{_NUMBER})"
_FILINGS = r"(?:forms?(?: 4s?)?|form 4 filings?|filings?|reports?|parts|statements)"
OF_SEVERAL = re.compile(rf" of (?:the |a total of )?{_NUMBER}\b")
"""Stands in whatever `NUMBERED` finds, and is found in a twentieth of the time."""

NUMBERED = re.compile(
    rf"\b(?:form(?: 4)?|filing|part|report|page)s? (?:filing )?{_NUMBER} of {_NUMBER}\b"
    rf"|\b{_ORDINAL} of (?:the |a total of )?{_NUMBER} (?:related |separate )?(?:{_FILINGS}|being filed)\b"
)
_ELSEWHERE = re.compile(
    r"\bcontinuation (?:report|of (?:the |a |this )?(?:form|report|filing))\b"
    r"|\b(?:continued|continues) (?:on|from|in) (?:an? |the )?"
    rf"(?:additional |another |separate |second |next )?{_FILINGS}\b"
    rf"|\b(?:additional|another|second|subsequent) {_FILINGS} (?:is|are|was|were|will be) (?:being )?filed\b"
    r"|\breported on (?:an )?additional forms? 4s?\b"
    r"|\b(?:30|thirty)[ -](?:rows?|lines?|transactions?|line items?|entries)\b"
    rf"|\b(?:split|divided) into {_NUMBER} {_FILINGS}\b"
)
_ROWS = re.compile(r"\b(?:rows?|lines?|line items?|transactions? (?:that|which|line)|number of transactions)\b")
_PERSONS = re.compile(  # the same rows are filed again for those who did not fit in one filing
    r"\bsame (?:transactions?|event)\b|\bin respect of these transactions\b|\bjointly by\b|\bfollowing filers\b"
    r"|\badditional reporting (?:persons?|owners?|entities)\b|\breporting (?:persons?|owners?) (?:for|on) the other\b"
    r"|\b(?:10|ten) reporting (?:persons?|owners?)\b"
)


def _continuation(subject: Subject) -> bool | None:
    """True where the text says so; unknown where a table is full and the text says nothing."""
    document = subject.document
    for said in every(subject):
        if _goes_on(said) and (_ROWS.search(said) or not _PERSONS.search(said)):
            return True
    full = max(len(document.non_derivative_table), len(document.derivative_table)) >= _CAP
    return None if full else False


def _goes_on(said: str) -> bool:
    if OF_SEVERAL.search(said) is not None and NUMBERED.search(said) is not None:
        return True
    return _ELSEWHERE.search(said) is not None


TABLE: tuple[FactType, ...] = (
    FactType(
        name="amendment",
        type=Type.FLAG,
        meaning="Whether it amends an earlier filing (a 4/A)",
        example="false",
        boxes=(Box("document_type"),),
        of_filing=lambda subject: subject.document.is_amendment,
    ),
    FactType(
        name="plan_10b5_1",
        type=Type.FLAG,
        meaning="Whether the box for a Rule 10b5-1 trading plan is ticked",
        unknown="the form has no such box",
        example="false",
        boxes=(Box("aff10b5_one"),),
        of_filing=lambda subject: subject.document.aff10b5_one,
    ),
    FactType(
        name="filed_on",
        type=Type.DATE,
        meaning="The day of the filing",
        unknown="neither the submission's header nor the time of its acceptance is known",
        example="2025-03-05",
        boxes=(Box("filed_on"),),
        of_filing=lambda subject: subject.filed_on,
    ),
    FactType(
        name="continuation",
        type=Type.FLAG,
        meaning="Whether rows stand in another filing as well, since a table takes 30: remarks or footnotes say so",
        unknown="a table has the 30 rows that EDGAR takes, and nothing says whether more stand elsewhere",
        example="true",
        boxes=(Box("remarks"), Box("footnotes")),
        of_filing=_continuation,
        costly=True,
    ),
)
