"""What can stand behind a key of a rule: closed words, thresholds, yes or no, watchlists."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, PlainValidator, WithJsonSchema

from consumers.language.limit import schema, threshold
from consumers.language.sections import NOTHING, configured, no, several, unknown_value
from consumers.matcher.facts.fact import FactType
from service.model.rule import Threshold

E = TypeVar("E", bound=StrEnum)

_NO_WORDS: Mapping[str, str] = MappingProxyType({})


def given(value: Any) -> Any:
    """*value*; raises ValueError where it is missing: a key without a value would ask for nothing, unnoticed."""
    if value is None:
        raise ValueError(NOTHING)
    return value


def closed(
    names: type[E], what: str, said: Mapping[str, str] = _NO_WORDS, *, any_case: bool = False
) -> Callable[[Any], E]:
    """What reads one of *names*; *said*: what people write for some of them."""

    def read(value: Any) -> E:
        if isinstance(value, list | Mapping):
            raise ValueError(f"one {what} must stand here, no list and no settings")  # noqa: TRY004  (pydantic's way)
        text = str(given(value))
        try:
            return names(text.lower() if any_case else text)
        except ValueError:
            known = [name.value for name in names]
            each = [one for one in re.split(r"[\s,;|/+]+|\band\b|\bor\b", text) if one]
            meant = f"[{', '.join(each)}]" if len(each) > 1 and {*each} <= {*known} else said.get(text.casefold())
            told = f"{no(text, what)}; write {meant}" if meant else unknown_value(text, known, what)
            raise ValueError(told) from None

    return read


def one_of(
    names: type[E],
    what: str,
    example: str,
    said: Mapping[str, str] = _NO_WORDS,
    meaning: str | None = None,
    *,
    any_case: bool = False,
) -> Any:
    """The type of one or several of *names*, as a tuple in the order of *names*."""
    each: Any = Annotated[Any, PlainValidator(closed(names, what, said, any_case=any_case))]
    order = list(names)

    def sorted_once(values: list[E]) -> tuple[E, ...]:
        return tuple(sorted(set(values), key=order.index))

    word = {"enum": [name.value for name in names]}
    return Annotated[
        list[each] | None,
        several(what, example),
        AfterValidator(sorted_once),
        WithJsonSchema({"anyOf": [word, {"type": "array", "items": word, "minItems": 1}], **_about(meaning)}),
    ]


def limit(fact: FactType) -> Any:
    """The type of a threshold on *fact*."""

    def read(value: Any) -> Threshold:
        text = "" if isinstance(given(value), list | Mapping | bool) else str(value)
        return threshold(fact, text)

    return Annotated[Threshold | None, PlainValidator(read), WithJsonSchema(schema(fact))]


def yes_or_no(meaning: str) -> Any:
    """The type of a flag."""
    return Annotated[bool | None, BeforeValidator(given), WithJsonSchema({"type": "boolean", **_about(meaning)})]


def _about(meaning: str | None) -> dict[str, str]:
    return {"description": f"{meaning}."} if meaning else {}


def _listed(names: list[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


Watchlists = Annotated[
    list[Annotated[str, configured("watchlist")]] | None, several("watchlist", "ours"), AfterValidator(_listed)
]
"""Names of watchlists. Who makes the rule puts the watchlists themselves in their place."""
