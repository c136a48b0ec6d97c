"""``amendments``: whether a 4/A counts."""

from typing import Annotated, Any

from pydantic import PlainValidator, TypeAdapter, ValidationError, WithJsonSchema

from consumers.language.fields import closed, given
from consumers.matcher.predicates.predicate import ClaimType, Level, Predicate
from service.model.fact import Verdict
from service.model.rule import Amendments

_BEFORE = TypeAdapter(bool)  # as it was written before there was `only`: whether amendments count

_SAID = {
    **dict.fromkeys(("never", "none", "original", "originals"), "exclude"),
    **dict.fromkeys(("all", "always", "both", "any"), "include"),
    **dict.fromkeys(("4/a", "amended"), "only"),
}


def _amendments(value: Any) -> Amendments | None:
    try:
        found = Amendments.INCLUDE if _BEFORE.validate_python(given(value)) else Amendments.EXCLUDE
    except ValidationError:
        found = closed(Amendments, "way to take amendments", _SAID)(value)
    return None if found is Amendments.INCLUDE else found


def _predicate(asked: Amendments) -> Predicate:
    """True where the filing amends another, or where it does not."""
    wanted = asked is Amendments.ONLY
    return Predicate(
        level=Level.FILING,
        text="is an amendment" if wanted else "is no amendment",
        test=lambda subject, _: Verdict.of(subject.document.is_amendment is wanted),
        stated=lambda subject, _: (f"document type {subject.document.document_type}", ()),
    )


AMENDMENTS = ClaimType(
    key="amendments",
    field=Annotated[
        Amendments | None,
        PlainValidator(_amendments),
        WithJsonSchema({"enum": [*Amendments, True, False]}),
    ],
    predicate=_predicate,
)
