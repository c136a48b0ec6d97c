"""What the filing says of itself: its form and its box for plans."""

from consumers.matcher.facts.fact import FactType, Type
from service.model.ownership import Box

TABLE: tuple[FactType, ...] = (
    FactType(
        name="amendment",
        type=Type.FLAG,
        meaning="Whether it amends an earlier filing (a 4/A)",
        example="false",
        boxes=(Box("document_type"),),
        of_filing=lambda subject: subject.document.is_amendment,
    ),
    FactType(
        name="plan_10b5_1",
        type=Type.FLAG,
        meaning="Whether the box for a Rule 10b5-1 trading plan is ticked; unknown on forms without the box",
        example="false",
        boxes=(Box("aff10b5_one"),),
        of_filing=lambda subject: subject.document.aff10b5_one,
    ),
    FactType(
        name="filed_on",
        type=Type.DATE,
        meaning="The day of the filing",
        example="2025-03-05",
        boxes=(Box("filed_on"),),
        of_filing=lambda subject: subject.filed_on,
    ),
)
