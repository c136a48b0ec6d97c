"""How near a filing came to a rule that it does not meet: the one claim that fails, and by how much."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from consumers.language.limit import FLOORS, quantity, words
from consumers.matcher.explain import explain
from consumers.matcher.facts.fact import AtLeast
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.match import CompiledRule
from consumers.matcher.subject import Subject
from service.model.alert import Evidence, Explanation
from service.model.fact import Fact, Measure, Verdict
from service.model.rule import Threshold
from service.words import counted


class Miss(Struct, frozen=True, kw_only=True):
    """A filing that would have met a rule but for one claim."""

    evidence: Evidence  # of that claim
    place: str | None  # the row of which it is claimed; None: of the filing as a whole, or of rows together
    short: str  # "$188,000 too little"; empty: the claim is on no number or day, or that is unknown
    apart: float | None  # how far, in parts of what is asked for; None: as above


def miss(rule: CompiledRule, subject: Subject) -> Miss | None:
    """The one claim of *rule* that *subject* fails; None: it meets the rule, or fails more than one."""
    if rule.matches(subject) is not None:
        return None
    explanation = explain(rule, subject)
    bound = rule.condition.condition.one_owner  # then the first evidence is the verdict of all the others
    whole = _failing(explanation.filing[1:] if bound else explanation.filing)
    nearest = min(_by_rows(rule, explanation), key=lambda one: len(one[1]), default=None)
    if nearest is None or len(whole) + len(nearest[1]) != 1:
        return None
    place, failed = nearest
    evidence = (*whole, *failed)[0]
    short, apart = _how_far(rule, subject, evidence, place if failed else None)
    return Miss(evidence=evidence, place=place if failed else None, short=short, apart=apart)


def _failing(every: Sequence[Evidence]) -> list[Evidence]:
    return [one for one in every if one.verdict is not Verdict.TRUE]


def _by_rows(rule: CompiledRule, explanation: Explanation) -> Iterator[tuple[str | None, list[Evidence]]]:
    """What each row fails; with sums, what rows together fail that meet all the rest."""
    if count := len(rule.condition.totals):
        for start in range(0, len(explanation.total), count):
            yield None, _failing(explanation.total[start : start + count])
    else:
        yield from ((row.place, _failing(row.evidence)) for row in explanation.rows)
        if not rule.condition.row:
            yield None, []


def _how_far(rule: CompiledRule, subject: Subject, evidence: Evidence, place: str | None) -> tuple[str, float | None]:
    """How far *evidence* is from what is asked for, in words and in parts of that."""
    row = next((one for one in subject.facts if one.place == place), None)
    for claim in rule.condition.condition.claims:
        if not isinstance(claim.asked, Threshold):
            continue
        if evidence.predicate == words(claim.asked):
            return _apart(claim.asked, _stated(claim.asked, subject, row))
        if evidence.predicate == f"sum of {words(claim.asked)}":
            return _apart(claim.asked, _sum(rule, subject, Measure(claim.asked.fact)))
    return "", None


def _stated(asked: Threshold, subject: Subject, row: Fact | None) -> Decimal | date | None:
    fact = FACTS[asked.fact]
    if fact.of_row is not None and row is None:
        return None
    found = fact.of(subject, row)
    return found if isinstance(found, Decimal | date) and not isinstance(found, AtLeast) else None


def _sum(rule: CompiledRule, subject: Subject, measure: Measure) -> Decimal | None:
    """The largest sum of *measure* over rows that are summed together."""
    groups = [
        [row.measures[measure] for row in rows if measure in row.measures]
        for who in rule.condition.owners(subject)
        for rows, _ in rule.condition.groups(subject, who)
    ]
    return max((sum(stated, Decimal(0)) for stated in groups if stated), default=None)


def _apart(asked: Threshold, stated: Decimal | date | None) -> tuple[str, float | None]:
    floor = asked.comparison in FLOORS
    if isinstance(stated, Decimal) and isinstance(asked.limit, Decimal):
        lacking = abs(asked.limit - stated)
        told = f"{quantity(FACTS[asked.fact], lacking)} too {'little' if floor else 'much'}"
        return told, float(lacking / (abs(asked.limit) or Decimal(1)))
    if isinstance(stated, date) and isinstance(asked.limit, date):
        days = abs((asked.limit - stated).days)
        return f"{counted(days, 'day')} too {'early' if floor else 'late'}", days / 365
    return "", None
