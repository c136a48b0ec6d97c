"""Which rules a filing meets."""

from collections import defaultdict
from dataclasses import dataclass

from consumers.matcher.condition import Node, beside, held, node_of
from consumers.matcher.predicates import PREDICATES, Total
from consumers.matcher.subject import Subject
from service.model.fact import Fact, Verdict
from service.model.rule import All, Condition, Per, Rule

Rows = tuple[Fact, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CompiledCondition:
    """A condition with its predicates made; pure, so that rules with equal conditions can share one."""

    condition: Condition
    filing: tuple[Node, ...]  # what must be true of the filing, whatever its rows
    row: tuple[Node, ...]  # and of a row
    totals: tuple[Total, ...]  # and of such rows together

    @classmethod
    def of(cls, condition: Condition) -> "CompiledCondition":
        """*condition*, compiled."""
        tree = condition.rows
        nodes = [node_of(part) for part in (tree.of if isinstance(tree, All) else (tree,))]
        return cls(
            condition=condition,
            filing=tuple(node for node in nodes if not node.of_rows),
            row=tuple(node for node in nodes if node.of_rows),
            totals=tuple(made(claim.asked) for claim in condition.totals if (made := PREDICATES[claim.key].total)),
        )

    @property
    def claims(self) -> list[str]:
        """What it asks for, in words."""
        one = ["of one and the same owner"] if self.condition.one_owner else []
        day = " of one day" if self.condition.per is Per.DAY else ""
        nodes = (*self.filing, *self.row)
        return [*map(beside, nodes), *(f"{total.text}{day}" for total in self.totals), *one]

    def owners(self, subject: Subject) -> tuple[Subject, ...]:
        """*subject* as claims on owners see it: as a whole, or with each owner alone."""
        return subject.one_by_one() if self.condition.one_owner else (subject,)

    def matches(self, subject: Subject) -> Rows | None:
        """The rows that meet it, in their order; None: it is not met.

        With no claim on rows it is met by the filing alone, and all rows count, be there any or not.
        """
        found: dict[int, Fact] = {}
        met = False
        for who in self.owners(subject):
            rows = self._matches(subject, who)
            if rows is not None:
                met = True
                found |= {id(row): row for row in rows}
        if not met:
            return None
        return subject.facts if len(found) == len(subject.facts) else tuple(f for f in subject.facts if id(f) in found)

    def _matches(self, subject: Subject, who: Subject) -> Rows | None:
        if held(self.filing, subject, who, None) is not Verdict.TRUE:
            return None
        if not subject.facts and not self.totals:
            return () if held(self.row, subject, who, None) is Verdict.TRUE else None
        if not self.totals:
            rows = tuple(row for row in subject.facts if held(self.row, subject, who, row) is Verdict.TRUE)
            return rows or None
        met = tuple(
            row
            for group, doubtful in self.groups(subject, who)
            if all(total.test(group, doubtful) is Verdict.TRUE for total in self.totals)
            for row in group
        )
        return met or None

    def is_open(self, subject: Subject) -> bool:
        """Whether what is unknown of *subject* can decide whether it is met, or by which rows."""
        return any(self._is_open(subject, who) for who in self.owners(subject))

    def _is_open(self, subject: Subject, who: Subject) -> bool:
        whole = held(self.filing, subject, who, None)
        if whole is Verdict.FALSE:
            return False
        rows = [held(self.row, subject, who, row) for row in subject.facts or (None,)]
        return Verdict.UNKNOWN in rows or (whole is Verdict.UNKNOWN and Verdict.TRUE in rows)

    def groups(self, subject: Subject, who: Subject) -> list[tuple[Rows, Rows]]:
        """The rows of which everything is true that is claimed of rows, those together that are summed together.

        Each with the rows that would be summed with them if what is unknown of those were true.
        """
        verdicts = [(row, held(self.row, subject, who, row)) for row in subject.facts]
        rows = tuple(row for row, verdict in verdicts if verdict is Verdict.TRUE)
        doubtful = tuple(row for row, verdict in verdicts if verdict is Verdict.UNKNOWN)
        per = self.condition.per
        return [(group, _of_its_day(group, doubtful, per)) for group in summed_together(rows, per)]


def _of_its_day(group: Rows, doubtful: Rows, per: Per) -> Rows:
    """Those of *doubtful* that can belong to *group*."""
    if per is not Per.DAY or not doubtful:
        return doubtful
    days = {None, *(row.transaction.transaction_date for row in group)}
    return tuple(row for row in doubtful if row.transaction.transaction_date in days)


def summed_together(rows: Rows, per: Per) -> list[Rows]:
    """Those of *rows* that are summed together; a row without a date is of a day of its own."""
    if per is not Per.DAY:
        return [rows] if rows else []
    days: dict[object, list[Fact]] = defaultdict(list)
    for row in rows:
        days[row.transaction.transaction_date or id(row)].append(row)
    return [tuple(group) for group in days.values()]


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """A rule with its condition compiled.

    ``key`` is what an index shares by: rules with equal keys are met by the same filings in the same rows, and may
    share one ``condition``. What a filing must have to meet one at all, `necessary.needs` says of ``key``.
    """

    rule: Rule
    condition: CompiledCondition

    @classmethod
    def of(cls, rule: Rule) -> "CompiledRule":
        """*rule*, compiled."""
        return cls(rule, CompiledCondition.of(rule.condition))

    @property
    def key(self) -> Condition:
        """Equal where the condition is."""
        return self.rule.condition

    @property
    def claims(self) -> list[str]:
        """What it asks for, in words."""
        return self.condition.claims

    def matches(self, subject: Subject) -> Rows | None:
        """The rows that meet the rule; None: it is not met."""
        return self.condition.matches(subject)
