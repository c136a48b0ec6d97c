"""Why a rule is met, or is not: every predicate on the filing, on each row, and on sums."""

from collections.abc import Iterable

from consumers.matcher.match import CompiledRule
from consumers.matcher.subject import Subject
from service.model.alert import Explanation, RowExplanation
from service.model.fact import Fact, Verdict


def explain(rule: CompiledRule, subject: Subject, rows: Iterable[Fact] | None = None) -> Explanation:
    """How *subject* fares under *rule*; *rows*: only these are told of (None: all)."""
    filing = tuple(predicate.evidence(subject) for predicate in rule.filing)
    told = tuple(_row(rule, fact) for fact in (subject.facts if rows is None else rows))
    counted = tuple(fact for fact in subject.facts if _all(p.test(fact) for p in rule.row) is Verdict.TRUE)
    total = tuple(predicate.evidence(counted) for predicate in rule.total) if counted else ()
    verdicts = [evidence.verdict for evidence in (*filing, *total)]
    if rule.row or rule.total:
        verdicts.append(_any(_all(p.test(fact) for p in rule.row) for fact in subject.facts))
    return Explanation(rule=rule.rule.name, verdict=_all(verdicts), filing=filing, rows=told, total=total)


def _row(rule: CompiledRule, fact: Fact) -> RowExplanation:
    evidence = tuple(predicate.evidence(fact) for predicate in rule.row)
    return RowExplanation(
        place=fact.place,
        title=fact.transaction.security_title,
        verdict=_all(item.verdict for item in evidence),
        evidence=evidence,
    )


def _all(verdicts: Iterable[Verdict]) -> Verdict:
    """True where all are; false where any is; else unknown."""
    seen = set(verdicts)
    if Verdict.FALSE in seen:
        return Verdict.FALSE
    return Verdict.UNKNOWN if Verdict.UNKNOWN in seen else Verdict.TRUE


def _any(verdicts: Iterable[Verdict]) -> Verdict:
    """True where any is; false where all are, or there is none; else unknown."""
    seen = set(verdicts)
    if Verdict.TRUE in seen:
        return Verdict.TRUE
    return Verdict.UNKNOWN if Verdict.UNKNOWN in seen else Verdict.FALSE
