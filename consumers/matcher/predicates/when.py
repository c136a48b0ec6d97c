"""``when``: an expression over all facts."""

from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from consumers.language.expression import Expression, NoExpression, Operand, compiled, of_piece, part_of
from consumers.language.fields import given
from consumers.language.sections import misplaced
from consumers.matcher.facts import fact as facts
from consumers.matcher.facts.fact import FactType, Type, Value
from consumers.matcher.predicates.numbers import number_said
from consumers.matcher.predicates.predicate import ClaimType, Level, Predicate, Stated
from consumers.matcher.predicates.said import because, boxes_of, of_owners, unknown
from consumers.matcher.subject import Subject
from service.model.alert import Evidence
from service.model.fact import Fact, Verdict


def _text(value: Any) -> str:
    if not isinstance(given(value), str):
        raise ValueError(_NOTHING)  # noqa: TRY004  (pydantic's way)
    text: str = value.rstrip()
    if not text.strip():
        raise ValueError(_NOTHING)
    try:
        compiled(text)
    except NoExpression as error:
        raise misplaced([(one.at, one.message) for one in error.wrong]) from None
    return text


_NOTHING = "one expression must stand here, as a text, such as: when: \"value > 1000000 || 'ceo' in role\""


def _predicate(asked: str) -> Predicate:
    """True where the expression is; unknown where a fact that decides is."""
    whole = compiled(asked)
    named = whole.facts
    readers = [(fact.name, fact.reader) for fact in named]

    def test(subject: Subject, row: Any) -> Verdict:
        return whole.verdict({name: read(subject, row) for name, read in readers})

    def parts(subject: Subject, row: Any) -> tuple[Evidence, ...]:
        part = part_of(asked)
        return _evidence(part, subject, row).parts

    return Predicate(
        level=Level.ROW if any(fact.level is facts.Level.ROW for fact in named) else Level.FILING,
        of_owners=any(map(of_owners, named)),
        text=f"when ({' '.join(asked.split())})",
        test=test,
        stated=lambda subject, row: _stated(whole, subject, row),
        parts=parts,
    )


def _evidence(part: Operand, subject: Subject, row: Any) -> Evidence:
    """How *part* fares, and each part of it."""
    one = of_piece(part.text)
    stated, sources = _stated(one, subject, row)
    return Evidence(
        predicate=" ".join(part.text.split()),
        verdict=one.verdict({fact.name: fact.of(subject, row) for fact in one.facts}),
        stated=stated,
        sources=sources,
        parts=tuple(_evidence(inner, subject, row) for inner in part.parts),
    )


def _stated(one: Expression, subject: Subject, row: Fact) -> Stated:
    values = {fact.name: fact.of(subject, row) for fact in one.facts}
    told = [_told(fact, values[fact.name], subject, row) for fact in one.facts]
    if why := one.reason(values):
        told.append(f"unknown: {why}")
    return "; ".join(told), tuple(dict.fromkeys(source for fact in one.facts for source in boxes_of(fact, row)))


def _told(fact: FactType, value: Value | None, subject: Subject, row: Fact) -> str:
    said = _said(fact, value, subject, row)
    return said if said.startswith(fact.name) else f"{fact.name}: {said}"  # a reason names the fact itself


def _said(fact: FactType, value: Value | None, subject: Subject, row: Fact) -> str:
    if fact.type in (Type.NUMBER, Type.DATE):
        return number_said(fact, subject, row)
    if value is None:
        return unknown(fact, subject, row)
    if isinstance(value, bool):
        return f"{'yes' if value else 'no'}{because(fact, subject, row)}"
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value))) or "none"
    return f"{value}{because(fact, subject, row)}"


WHEN = ClaimType(
    key="when",
    field=Annotated[
        str | None,
        PlainValidator(_text),
        WithJsonSchema({"type": "string", "description": "A CEL expression over the facts of docs/facts.md."}),
    ],
    predicate=_predicate,
)
