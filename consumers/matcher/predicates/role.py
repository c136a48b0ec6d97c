"""``roles``: what an owner is to the issuer (box 5)."""

from collections.abc import Iterator

from consumers.matcher.predicates.predicate import Predicate
from consumers.matcher.subject import Subject
from service.model.fact import Source, Verdict
from service.model.ownership import Box
from service.model.rule import Rule


def role(rule: Rule) -> Iterator[Predicate[Subject]]:
    """True where any owner has any of the rule's roles: rows do not say whose they are."""
    if not rule.roles:
        return
    wanted = frozenset(rule.roles)

    def stated(subject: Subject) -> tuple[str, tuple[Source, ...]]:
        roles = ", ".join(sorted(subject.roles)) or "no role ticked"
        return roles, (Source(box=Box("relationship"), number="box 5"),)

    yield Predicate(
        text=f"an owner is {' or '.join(rule.roles)}",
        test=lambda subject: Verdict.of(not wanted.isdisjoint(subject.roles)),
        stated=stated,
    )
