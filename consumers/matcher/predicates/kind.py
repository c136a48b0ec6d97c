"""``kinds``: what the row reports."""

from collections.abc import Iterator

from consumers.matcher.facts.boxes import source
from consumers.matcher.predicates.predicate import Predicate
from service.model.fact import Fact, Source, Verdict
from service.model.rule import Rule


def kind(rule: Rule) -> Iterator[Predicate[Fact]]:
    """True where the row is of one of the rule's kinds."""
    if not rule.kinds:
        return
    kinds = frozenset(rule.kinds)

    def stated(fact: Fact) -> tuple[str, tuple[Source, ...]]:
        code = fact.transaction.transaction_code
        return f"{fact.kind} (code {code or 'not stated'})", (source(fact, "transaction_code"),)

    yield Predicate(
        text=f"kind is {' or '.join(rule.kinds)}",
        test=lambda fact: Verdict.of(fact.kind in kinds),
        stated=stated,
    )
