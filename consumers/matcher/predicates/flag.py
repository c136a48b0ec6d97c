"""Facts that are true or false, such as ``plan_10b5_1``."""

from typing import Any

from consumers.language.fields import yes_or_no
from consumers.matcher.facts.fact import FactType, Type
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.predicates.predicate import ClaimType, Predicate, Stated
from consumers.matcher.predicates.said import because, boxes_of, level_of, of_owners, unknown
from consumers.matcher.subject import Subject
from service.model.fact import Verdict


def _claim(fact: FactType) -> ClaimType:
    def predicate(asked: bool) -> Predicate:
        """True where the fact is as *asked*; unknown where the filing does not say."""
        read = fact.reader

        def test(subject: Subject, row: Any) -> Verdict:
            found = read(subject, row)
            return Verdict.UNKNOWN if found is None else Verdict.of(found is asked)

        def stated(subject: Subject, row: Any) -> Stated:
            found = fact.of(subject, row)
            if found is None:
                return unknown(fact, subject, row), boxes_of(fact, row)
            return f"{'yes' if found else 'no'}{because(fact, subject, row)}", boxes_of(fact, row)

        text = f"{fact.name} is {'yes' if asked else 'no'}"
        return Predicate(level=level_of(fact), of_owners=of_owners(fact), text=text, test=test, stated=stated)

    return ClaimType(key=fact.name, field=yes_or_no(fact.meaning), predicate=predicate)


FLAGS = tuple(_claim(fact) for fact in FACTS.values() if fact.type is Type.FLAG)
