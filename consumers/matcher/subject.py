"""A filing as the matcher looks at it: computed once, whatever the number of rules."""

from datetime import date, datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from consumers.matcher.past import Memory
from consumers.matcher.roles import Roles, roles_of
from consumers.matcher.rows import facts_of
from service.model import calendar
from service.model.fact import Fact, OwnerRole
from service.model.filing import Filing
from service.model.ownership import OwnershipDocument, ReportingOwner
from service.model.past import Around, Before

_ROLES = "roles of owners"

_ALONE = object()  # the key under which a subject keeps its owners one by one


class Subject(Struct, frozen=True, eq=False):
    """One parsed filing with its facts and roles."""

    filing: Filing
    document: OwnershipDocument
    facts: tuple[Fact, ...]
    filed_on: date | None  # None: neither the header nor the feed says it
    past: Memory | None = None  # None: it was not looked up
    around: Around | None = None  # likewise
    known: dict[Any, Any] = field(default_factory=dict)  # facts that were asked for, kept

    @classmethod
    def of(cls, filing: Filing, document: OwnershipDocument, before: Before | None = None) -> "Subject":
        """The subject that *filing* and its *document* make; *before*: what was filed before, if it was looked up."""
        accepted = filing.times.accepted
        filed_on = filing.filed_on or (accepted and calendar.dated(accepted))
        return cls(
            filing=filing,
            document=document,
            facts=facts_of(document, filed_on),
            filed_on=filed_on,
            past=None if before is None else Memory.of(document, before),
            around=None if before is None else before.around,
        )

    def after(self, before: Before) -> "Subject":
        """The same, of which is known what was filed *before*."""
        return replace(self, past=Memory.of(self.document, before), around=before.around, known={})

    def matched(self, at: datetime) -> "Subject":
        """The same, which is matched *at* that time."""
        times = replace(self.filing.times, matched=at)
        return replace(self, filing=replace(self.filing, times=times))

    @property
    def roles(self) -> frozenset[OwnerRole]:
        """What its owners are to the issuer, so far as it can be told."""
        return frozenset().union(*(roles.found for roles in self.roles_of_owners))

    @property
    def owners(self) -> tuple[ReportingOwner, ...]:
        """Who reports."""
        return self.document.reporting_owners

    def one_by_one(self) -> tuple["Subject", ...]:
        """The filing as if each of its owners had filed it alone: for claims that must hold of one and the same."""
        if len(self.owners) == 1:
            return (self,)
        if _ALONE not in self.known:
            self.known[_ALONE] = tuple(
                replace(
                    self,
                    document=replace(self.document, reporting_owners=(owner,)),
                    known={_ROLES: (roles,)},
                )
                for owner, roles in zip(self.owners, self.roles_of_owners, strict=True)
            )
        alone: tuple[Subject, ...] = self.known[_ALONE]
        return alone

    @property
    def roles_of_owners(self) -> tuple[Roles, ...]:
        """The roles of each owner, in the order of the document."""
        if _ROLES not in self.known:
            self.known[_ROLES] = tuple(roles_of(owner, self.document) for owner in self.document.reporting_owners)
        known: tuple[Roles, ...] = self.known[_ROLES]
        return known
