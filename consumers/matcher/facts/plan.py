"""Rule 10b5-1 trading plans: the box of the filing held against what its footnotes say."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from consumers.matcher.facts.boxes import filed
from consumers.matcher.facts.fact import FactType, Type
from consumers.matcher.facts.notes import DATE, cited, day, general, plain
from consumers.matcher.subject import Subject
from service.model.fact import Fact
from service.model.known import Plan
from service.model.ownership import Box

_KEY = "what texts say of plans"
_ADOPTED_KEY = "when texts say that plans were adopted"
_RULE = r"10b-?5\s?-?\s?1\b"
_NAMED = re.compile(r"10b.{0,3}5", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:not|neither|nor|never|other than|otherwise than)\s+(?:been\s+|being\s+)?(?:made|effected|executed|conducted|"
    r"done|sold|purchased|traded|pursuant|under|part|subject|in accordance|covered)\b"
    rf"(?:(?!\b(?:and|but)\b)[^.;]){{0,90}}?{_RULE}|\boutside (?:of )?(?:[a-z']+ ){{0,4}}(?:rule )?{_RULE}"
    rf"|\b(?:no|none) (?:(?:of|the|such|these|those|other|reported|above|foregoing) ){{0,4}}"
    r"(?:shares|securities|sales?|purchases?|transactions?|trades?|portion|part)\b"
    rf"(?:(?!\b(?:and|but)\b)[^.;,]){{0,90}}?{_RULE}|\bno (?:rule )?{_RULE}|\bnon-? ?(?:rule )?{_RULE}"
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
_AND_ON = re.compile(rf"(?:,|,? and|,? or| &) (?:on )?({DATE})")  # several plans: "on March 1, 2024 and June 3, 2024"


@dataclass(frozen=True, slots=True)
class _Telling:
    """What a text says of a plan."""

    used: bool | None  # None: it only speaks of one
    said: str  # it, plain


def plan(subject: Subject, row: Fact) -> Plan | None:
    """Which rows a ticked box covers stands in the footnotes: a row that they pass over is unknown."""
    box, said = subject.document.aff10b5_one, None
    if _tellings(subject):
        said = _used(subject, cited(subject, row))
        if said is None:
            said = _used(subject, general(subject))
    if said is None and box:
        return None if _another(subject) else Plan.PLAN
    if said is None or box is None or said is box:
        held = box if said is None else said
        return None if held is None else Plan.PLAN if held else Plan.NONE
    return Plan.NONE if box and _another(subject) else Plan.CONTRADICTORY


def _plan_adopted(subject: Subject, row: Fact) -> date | None:
    """Unknown where several dates are stated, and where the date is no day or lies after the trade."""
    if not _tellings(subject):
        return None
    traded_on = filed(row, "transaction_date")
    for texts in (cited(subject, row), general(subject)):
        found = {day for text in texts for day in _adoptions(subject, text)}
        if found:
            adopted = found.pop()
            return None if found or adopted is None or traded_on is None or adopted > traded_on else adopted
    return None


def _another(subject: Subject) -> bool:
    """Whether a footnote of some row says that a plan was used: the box is ticked for that row."""
    return any(_used(subject, cited(subject, row)) for row in subject.facts) if _tellings(subject) else False


def _used(subject: Subject, texts: Iterable[str]) -> bool | None:
    """Whether *texts* say that a plan was used, or that none was; None: they say neither, or both."""
    told = _tellings(subject)
    said = {told[text].used for text in texts if text in told} - {None} if told else set()
    return said.pop() if len(said) == 1 else None


def _tellings(subject: Subject) -> Mapping[str, _Telling]:
    """What the texts of the filing that name the rule say, each read once."""
    if _KEY not in subject.known:
        texts = (subject.document.remarks, *subject.document.footnotes.values())
        subject.known[_KEY] = {text: _telling(plain(text)) for text in texts if text and _NAMED.search(text)}
    known: Mapping[str, _Telling] = subject.known[_KEY]
    return known


def _telling(text: str) -> _Telling:
    used = False if _DENIED.search(text) else True if _AFFIRMED.search(text) else None
    return _Telling(used, text)


def _adoptions(subject: Subject, text: str) -> frozenset[date | None]:
    """The days on which *text* says that plans were adopted; None: a date that is no day. Alerts alone tell them."""
    told = _tellings(subject).get(text)
    if told is None:
        return frozenset()
    key = (_ADOPTED_KEY, text)
    if key not in subject.known:
        subject.known[key] = frozenset(_adopted(told.said))
    known: frozenset[date | None] = subject.known[key]
    return known


def _adopted(text: str) -> Iterator[date | None]:
    for match in _ADOPTED.finditer(text):
        yield day(match[1] or match[2])
        another = _AND_ON.match(text, match.end())
        while another is not None:
            yield day(another[1])
            another = _AND_ON.match(text, another.end())


TABLE: tuple[FactType, ...] = (
    FactType(
        name="plan",
        type=Type.WORD,
        words=Plan,
        meaning="Whether the row was traded under a Rule 10b5-1 plan, by the box and the footnotes together",
        unknown="the box is ticked and footnotes name other rows, or the form has no such box and no footnote tells",
        example="plan",
        boxes=(Box("aff10b5_one"), Box("footnotes"), Box("remarks")),
        of_row=plan,
        costly=True,
    ),
    FactType(
        name="plan_adopted",
        type=Type.DATE,
        meaning="The day on which that plan was adopted, by the row's footnotes or the remarks",
        unknown="they state no day, or several, or one after the trade",
        example="2024-12-13",
        boxes=(Box("footnotes"), Box("remarks")),
        of_row=_plan_adopted,
        costly=True,
    ),
)
