"""Who reports, and what they are to the issuer."""

import re
from enum import StrEnum

from consumers.matcher.facts.fact import FactType, Partial, Type
from consumers.matcher.facts.notes import every
from consumers.matcher.roles import OFFICES
from consumers.matcher.subject import Subject
from service.model.fact import OwnerRole
from service.model.ownership import Box

NEW = re.compile(
    r"\b(?:in connection with|upon|on|following|as a result of|at the time of|effective upon) "
    r"(?:his|her|their|the|(?:the )?reporting (?:person|owner)'s|m[rs]s?\.? \w+'s) (?:initial |recent )?"
    r"(?:appointment|election|hire|hiring|joining|commencement of employment|employment commencement|promotion)\b"
    r"|\b(?:was|were|been) (?:recently |newly )?(?:appointed|elected|named|hired|promoted)\b[^.;]{0,80}?\b"
    r"(?:director|officer|president|board|counsel|ce?[ofi]o)\b"
    r"|\bnewly[ -](?:appointed|elected|hired)\b|\bnew[ -]hire\b|\binducement (?:grant|award|equity|option|material)\b"
    r"|\b(?:initial|sign-on|new director) (?:equity |director |board )?(?:grant|award|rsu|option)s?\b"
    r"|\bjoin(?:ed|ing) the (?:company|issuer|board)\b"
)
OF_NEW = (
    *("appoint", "elect", "hir", "join", "commencement", "promot", "named"),
    *("inducement", "initial", "sign-on", "new director"),
)
"""One of these stands in whatever `NEW` finds; few texts hold one."""

_DEPUTY = re.compile(
    r"\bdeputiz|\bas (?:a|its|the|their) (?:representative|designee|nominee) of\b"
)  # told in every filing


def _role(subject: Subject) -> frozenset[StrEnum]:
    """Incomplete where an officer's title is not stated, or cut off at the form's 30 characters."""
    if all(roles.complete for roles in subject.roles_of_owners):
        return subject.roles
    return Partial(subject.roles, OFFICES)


def _relationship_new(subject: Subject) -> bool | None:
    """True where the filing says so. That somebody is not new, no form 4 says: unknown, never false."""
    return True if any(map(_is_new, every(subject))) else None


def _is_new(text: str) -> bool:
    if not any(part in text for part in OF_NEW):
        return False
    return NEW.search(text) is not None and _DEPUTY.search(text) is None


TABLE: tuple[FactType, ...] = (
    FactType(
        name="role",
        type=Type.WORDS,
        words=OwnerRole,
        meaning="What the owners are to the issuer: the ticks of box 5, and the offices that titles name, or the "
        "remarks where a title refers to them. Offices of a division or a subsidiary, former ones, a deputy's "
        "and those of a spouse or employer do not count",
        unknown="a title is missing or cut off: then as to the offices that it does not name",
        example="cfo",
        boxes=(Box("relationship"), Box("remarks")),
        of_filing=_role,
        costly=True,
    ),
    FactType(
        name="joint",
        type=Type.FLAG,
        meaning="Whether several owners report together",
        example="false",
        boxes=(Box("rpt_owner_name"),),
        of_filing=lambda subject: len(subject.owners) > 1,
    ),
    FactType(
        name="relationship_new",
        type=Type.FLAG,
        meaning="Whether the filing says that an owner has just become what they are to the issuer (an appointment, an "
        "election, an inducement or initial grant)",
        unknown="it does not say so, since no form 4 says that somebody is not new",
        example="true",
        boxes=(Box("remarks"), Box("footnotes")),
        of_filing=_relationship_new,
        costly=True,
    ),
    FactType(
        name="relationship_ended",
        type=Type.FLAG,
        meaning="Whether the box is ticked by which an owner is no longer subject to section 16 (the exit box)",
        unknown="the box is missing",
        example="true",
        boxes=(Box("not_subject_to_section16"),),
        of_filing=lambda subject: subject.document.not_subject_to_section16,
    ),
)
