"""``ownership``: held directly or indirectly."""

from collections.abc import Iterator

from consumers.matcher.facts.boxes import source
from consumers.matcher.predicates.predicate import Predicate
from service.model.fact import Fact, Source, Verdict
from service.model.ownership import OwnershipForm
from service.model.rule import Rule


def ownership(rule: Rule) -> Iterator[Predicate[Fact]]:
    """True where the row is held in the rule's way; unknown where the row does not say."""
    wanted = rule.ownership
    if wanted is None:
        return

    def test(fact: Fact) -> Verdict:
        return Verdict.UNKNOWN if fact.ownership is None else Verdict.of(fact.ownership is wanted)

    def stated(fact: Fact) -> tuple[str, tuple[Source, ...]]:
        word = fact.ownership.name.lower() if fact.ownership else "not stated"
        return word, (source(fact, "direct_or_indirect_ownership"),)

    yield Predicate(text=f"ownership is {OwnershipForm(wanted).name.lower()}", test=test, stated=stated)
