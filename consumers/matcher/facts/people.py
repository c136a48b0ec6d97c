"""Who reports, and what they are to the issuer."""

from consumers.matcher.facts.fact import FactType, Type
from service.model.fact import Role
from service.model.ownership import Box

TABLE: tuple[FactType, ...] = (
    FactType(
        name="role",
        type=Type.WORDS,
        words=Role,
        meaning="What the owners are to the issuer: the ticks of box 5, and the offices that titles name, or the "
        "remarks where a title refers to them. Offices of a division or a subsidiary, former ones and a deputy's "
        "do not count",
        example="cfo",
        boxes=(Box("relationship"), Box("remarks")),
        of_filing=lambda subject: subject.roles,
    ),
)
