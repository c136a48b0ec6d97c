"""A filing as the matcher looks at it: computed once, whatever the number of rules."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from consumers.matcher.facts.rows import facts_of
from service.model import calendar
from service.model.fact import Fact, Role
from service.model.filing import Filing
from service.model.ownership import OwnershipDocument, ReportingOwner


@dataclass(frozen=True, slots=True)
class Subject:
    """One parsed filing with its facts and roles."""

    filing: Filing
    document: OwnershipDocument
    facts: tuple[Fact, ...]
    roles: frozenset[Role]
    filed_on: date | None  # None: neither the header nor the feed says it
    known: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)  # facts that were asked for, kept

    @classmethod
    def of(cls, filing: Filing, document: OwnershipDocument) -> "Subject":
        """The subject that *filing* and its *document* make."""
        accepted = filing.times.accepted
        filed_on = filing.filed_on or (accepted and calendar.dated(accepted))
        return cls(
            filing=filing,
            document=document,
            facts=facts_of(document, filed_on),
            filed_on=filed_on,
            roles=frozenset(role for owner in document.reporting_owners for role in roles_of(owner)),
        )


def roles_of(owner: ReportingOwner) -> tuple[Role, ...]:
    """What *owner* is to the issuer: box 5 has a tick for each."""
    relationship = owner.relationship
    ticks = (
        (Role.DIRECTOR, relationship.is_director),
        (Role.OFFICER, relationship.is_officer),
        (Role.TEN_PERCENT_OWNER, relationship.is_ten_percent_owner),
        (Role.OTHER, relationship.is_other),
    )
    return tuple(role for role, ticked in ticks if ticked)
