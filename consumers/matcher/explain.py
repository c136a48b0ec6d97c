"""Why a rule is met, or is not: every predicate on the filing, on each row, and on sums."""

from collections.abc import Collection

from consumers.kleene import all_of, any_of
from consumers.matcher.condition import Node, held
from consumers.matcher.match import CompiledCondition, CompiledRule
from consumers.matcher.subject import Subject
from service.model.alert import Evidence, Explanation, RowExplanation
from service.model.fact import Fact, MeasureSource, Verdict
from service.model.ownership import Box

Told = dict[tuple[Node, int], Evidence]
"""What claims on rows of one filing rest on: many conditions make the same ones."""

_BEST = (Verdict.TRUE, Verdict.UNKNOWN, Verdict.FALSE)
_MOST = 1_000  # pieces of evidence that are kept


def explain(
    rule: CompiledRule, subject: Subject, rows: Collection[Fact] | None = None, told: Told | None = None
) -> Explanation:
    """How *subject* fares under *rule*; *rows*: those that meet it, and only these are told of (None: all).

    Where a rule is about one and the same owner, the one who comes nearest is told of. *told*: what was told of
    *subject* before, which is used again and added to.
    """
    condition = rule.condition
    met = bool(rows) and not condition.condition.one_owner
    verdict, who = (Verdict.TRUE, subject) if met else _best(condition, subject)
    groups = condition.groups(subject, who) if condition.totals else []
    again = told if told is not None and met else {}
    return Explanation(
        rule=rule.rule.name,
        verdict=verdict,
        filing=(*_owner(condition, who, verdict), *(node.evidence(subject, who, None) for node in condition.filing)),
        rows=tuple(_row(condition, subject, who, row, again) for row in (subject.facts if rows is None else rows)),
        total=tuple(total.evidence(*group) for group in groups for total in condition.totals),
    )


def verdict_of(rule: CompiledRule, subject: Subject) -> Verdict:
    """Whether *subject* meets *rule*, as `explain` says it."""
    return _best(rule.condition, subject)[0]


def _best(condition: CompiledCondition, subject: Subject) -> tuple[Verdict, Subject]:
    """The verdict, and the owner with whom it comes nearest, or all of them."""
    tried = [(_verdict(condition, subject, who), who) for who in condition.owners(subject)]
    return min(tried, key=lambda one: _BEST.index(one[0]), default=(Verdict.FALSE, subject))


def _verdict(condition: CompiledCondition, subject: Subject, who: Subject) -> Verdict:
    found = [held(condition.filing, subject, who, None)]
    if not subject.facts:
        met = not condition.totals and held(condition.row, subject, who, None) is Verdict.TRUE
        found.append(Verdict.of(met))
    elif condition.row:
        found.append(any_of(held(condition.row, subject, who, row) for row in subject.facts))
    groups = condition.groups(subject, who) if condition.totals else []
    if groups:
        found.append(any_of(all_of(total.test(*group) for total in condition.totals) for group in groups))
    return all_of(found)


def _owner(condition: CompiledCondition, who: Subject, verdict: Verdict) -> tuple[Evidence, ...]:
    if not condition.condition.one_owner:
        return ()
    (owner,) = who.owners or (None,)
    name = (owner and owner.rpt_owner_name) or "an owner without a name"
    source = MeasureSource(box=Box("rpt_owner_name"), number="box 1")
    return (Evidence(predicate="of one and the same owner", verdict=verdict, stated=name, sources=(source,)),)


def _row(condition: CompiledCondition, subject: Subject, who: Subject, row: Fact, told: Told) -> RowExplanation:
    evidence = tuple([told.get((node, id(row))) or _told(node, subject, who, row, told) for node in condition.row])
    return RowExplanation(
        place=row.place,
        title=row.transaction.security_title,
        verdict=all_of(item.verdict for item in evidence),
        evidence=evidence,
    )


def _told(node: Node, subject: Subject, who: Subject, row: Fact, told: Told) -> Evidence:
    evidence = node.evidence(subject, who, row)
    if len(told) < _MOST:
        told[node, id(row)] = evidence
    return evidence
