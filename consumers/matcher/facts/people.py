"""Who reports, and what they are to the issuer."""

from consumers.matcher.facts.fact import FactType, Type
from service.model.fact import Role
from service.model.ownership import Box

TABLE: tuple[FactType, ...] = (
    FactType(
        name="role",
        type=Type.WORDS,
        words=Role,
        meaning="What the owners are to the issuer, by the ticks of box 5",
        example="director",
        boxes=(Box("relationship"),),
        of_filing=lambda subject: subject.roles,
    ),
)
