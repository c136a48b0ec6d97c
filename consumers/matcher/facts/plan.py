"""Rule 10b5-1 trading plans: the box of the filing held against what its footnotes say."""

import re
from collections.abc import Iterable
from datetime import date

from consumers.matcher.facts.fact import FactType, Type
from consumers.matcher.facts.notes import DATE, cited, day, general, plain
from consumers.matcher.subject import Subject
from service.model.fact import Fact
from service.model.known import Plan
from service.model.ownership import Box

_RULE = r"10b-?5\s?-?\s?1\b"
_DENIED = re.compile(
    r"\b(?:not|neither|nor|never|other than|otherwise than)\s+(?:been\s+|being\s+)?(?:made|effected|executed|conducted|"
    r"done|sold|purchased|traded|pursuant|under|part|subject|in accordance|covered)\b"
    rf"(?:(?!\b(?:and|but)\b)[^.;]){{0,90}}?{_RULE}|\boutside (?:of )?(?:[a-z']+ ){{0,4}}(?:rule )?{_RULE}"
)
_AFFIRMED = re.compile(
    r"\b(?:pursuant to|under|in accordance with|in compliance with|accordance|as part of|through|by means of|per|via|"
    rf"satisfy|effected|executed|made)\b(?:(?!\bterminat)[^;]){{0,200}}?{_RULE}"
)
_ADOPTED = re.compile(
    r"\b(?:adopt(?:ed|ion)|entered into|establish(?:ed|ment)|dated|instituted|implemented|put in place|signed|set up|"
    r"plan,? (?:was )?executed)\b"
    rf"(?:(?!{DATE}|\.\s|\b(?:amend|modif|terminat|transaction|sale))[^;]){{0,110}}?\b({DATE})"
    rf"|\b({DATE}),? (?:rule )?{_RULE}"
)


def plan(subject: Subject, row: Fact) -> Plan | None:
    """Which rows a ticked box covers stands in the footnotes: a row that they pass over is unknown."""
    box, said = subject.document.aff10b5_one, _said(cited(subject, row))
    if said is None:
        said = _said(general(subject))
    if said is None and box:
        others = (_said(cited(subject, other)) for other in subject.facts)
        return None if any(others) else Plan.PLAN
    if said is None or box is None or said is box:
        held = box if said is None else said
        return None if held is None else Plan.PLAN if held else Plan.NONE
    if box and any(_said(cited(subject, other)) for other in subject.facts):
        return Plan.NONE  # the box is ticked for another row
    return Plan.CONTRADICTORY


def _plan_adopted(subject: Subject, row: Fact) -> date | None:
    """Unknown where several dates are stated, and where the date is no day or lies after the trade."""
    traded_on = row.transaction.transaction_date
    for texts in (cited(subject, row), general(subject)):
        found = {day(words) for text in texts for words in _adoptions(plain(text))}
        if found:
            adopted = found.pop()
            told = not found and adopted is not None and traded_on is not None and adopted <= traded_on
            return adopted if told else None
    return None


def _adoptions(text: str) -> Iterable[str]:
    if not re.search(_RULE, text):
        return []
    return [match[1] or match[2] for match in _ADOPTED.finditer(text)]


def _said(texts: Iterable[str]) -> bool | None:
    """Whether *texts* say that a plan was used, or that none was; None: they say neither, or both."""
    said = {verdict for text in texts if (verdict := _of_a_plan(plain(text))) is not None}
    return said.pop() if len(said) == 1 else None


def _of_a_plan(text: str) -> bool | None:
    if not re.search(_RULE, text):
        return None
    if _DENIED.search(text):
        return False
    return True if _AFFIRMED.search(text) else None


TABLE: tuple[FactType, ...] = (
    FactType(
        name="plan",
        type=Type.WORD,
        words=Plan,
        meaning="Whether the row was traded under a Rule 10b5-1 plan, by the box and the footnotes together. Unknown "
        "where the box is ticked and footnotes name other rows, and on forms without the box where no footnote tells",
        example="plan",
        boxes=(Box("aff10b5_one"), Box("footnotes"), Box("remarks")),
        of_row=plan,
        costly=True,
    ),
    FactType(
        name="plan_adopted",
        type=Type.DATE,
        meaning="The day on which that plan was adopted, where the row's footnotes (or the remarks) state one day",
        example="2024-12-13",
        boxes=(Box("footnotes"), Box("remarks")),
        of_row=_plan_adopted,
        costly=True,
    ),
)
