"""The table of all facts."""

from collections.abc import Mapping
from types import MappingProxyType

from consumers.matcher.facts import (
    dates,
    dealing,
    exercise,
    filing,
    holding,
    measures,
    past,
    people,
    plain,
    plan,
    usual,
    vesting,
)
from consumers.matcher.facts.fact import FactType, Value
from consumers.matcher.subject import Subject
from service.model.fact import Fact

FACTS: Mapping[str, FactType] = MappingProxyType(
    {
        fact.name: fact
        for group in (plain, measures, dealing, holding, dates, vesting, plan, filing, people, exercise, past, usual)
        for fact in group.TABLE
    }
)
"""Every fact by its name."""


def value(name: str, subject: Subject, row: Fact | None = None) -> Value | None:
    """The fact *name* of *row*, or of the filing; None: unknown. Raises KeyError where no fact is called so."""
    return FACTS[name].of(subject, row)
