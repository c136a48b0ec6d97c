"""What the sections of the configuration file share: closed sets of keys, and faults that name their place."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError

from service.model.errors import ConfigError, Fault
from service.words import likest, nearest

Path = tuple[str | int, ...]

NOTHING = "nothing stands here; write it, or take this away"
_LONGEST_NAME = 200
_MISPLACED = "misplaced"
_LISTED, _LIKE = 20, 3  # keys that are told one by one; of more, those that are most like the one that is given
_SECRET = re.compile(r"://|whsec_|\S{24,}")  # addresses, signing secrets, and whatever is longer than a name is

_SAID = {  # pydantic's own words do not say what to do, and can repeat what was given
    "model_type": "settings must stand below this, each on its own line",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
}
_NO_NUMBER = frozenset(
    {"number_type", "int_type", "int_parsing", "int_parsing_size", "int_from_float", "float_type", "float_parsing"}
    | {"finite_number", "greater_than_equal", "less_than_equal"}
)


class Section(BaseModel):
    """A part of the configuration file; a key that it does not know is a fault, never ignored."""

    called: ClassVar[str]
    everyday: ClassVar[Mapping[str, str]] = MappingProxyType({})  # what is said for some keys elsewhere, and what to do
    # What may be meant by a number that a key cannot have.
    otherwise: ClassVar[Mapping[str, str]] = MappingProxyType({})

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def keys(cls) -> list[str]:
        """What can stand in it."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @field_validator("max_per_hour", "pace_seconds", mode="before", check_fields=False)
    @classmethod
    def _no_truth(cls, value: Any) -> Any:
        if isinstance(value, bool):  # which Python counts with
            raise PydanticCustomError("number_type", "a number, not yes or no")
        return value

    @classmethod
    def within(cls, _: Path) -> type["Section"]:
        """The section of the last key of a place: this one, unless it holds others."""
        return cls


class OrOne(BeforeValidator):
    """Makes a list of one that stands alone."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """One, or a list of them."""
        made = handler(schema)
        several = next(one for one in made.get("anyOf", [made]) if one.get("type") == "array")
        return {"anyOf": [several["items"], {**several, "minItems": 1}]}


def several(what: str, example: str) -> BeforeValidator:
    """A list of *what*, in whose place one alone may stand, but not nothing."""

    def check(value: Any, info: ValidationInfo) -> list[Any]:
        if value is None or value == []:
            raise ValueError(f"name at least one {what}, as in: {info.field_name}: {example}")
        return value if isinstance(value, list) else [value]

    return OrOne(check)


def configured(what: str) -> AfterValidator:
    """The name of a *what* that the file has; the validation's context says which there are."""

    def check(name: str, info: ValidationInfo) -> str:
        known: Collection[str] = info.context[what] if info.context else ()
        if not known:
            raise ValueError(f"there is no {what} {shown(name)}; there are none yet")
        if name not in known:
            raise ValueError(f"there is no {what} {shown(name)}{_meant(name, known, 'there are:')}")
        return name

    return AfterValidator(check)


ChannelNames = Annotated[list[Annotated[str, configured("channel")]], several("channel", "desk")]


def named_sections(section: Any, name: str, faults: list[Fault]) -> Mapping[str, Any]:
    """What stands below *name*, by the names there, with what is wrong with those added to *faults*; or ConfigError."""
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        raise ConfigError(f"{name} cannot be used", (Fault((name,), f"{name} must be names with settings below"),))
    for given in map(str, section):
        if not given.strip():
            faults.append(Fault((name, given), f"a name must stand here, of one of the {name}"))
        elif wrong := fault_of_name(given):
            faults.append(Fault((name, given), wrong))
    return {str(given): {} if content is None else content for given, content in section.items()}


def fault_of_name(name: str) -> str | None:
    """What is wrong with a *name* that people give; None: nothing."""
    if not name.strip():
        return "a name needs a letter or a digit"
    if not name.isprintable():
        return "a name is one line without control characters"
    if name != name.strip():
        return "a name neither begins nor ends with a space"
    if len(name) > _LONGEST_NAME:
        return f"a name has at most {_LONGEST_NAME} characters, and this has {len(name)}"
    return None


def misplaced(wrong: Iterable[tuple[int, str]]) -> PydanticCustomError:
    """What to raise where a text is wrong in places of its own: which character of it, and why."""
    return PydanticCustomError(_MISPLACED, "this cannot be used here", {"wrong": list(wrong)})


def faults_of(error: ValidationError, section: type[Section], path: Path) -> list[Fault]:
    """What *error* found in the *section* that stands at *path*, in words; values are never repeated."""
    faults = []
    errors = error.errors(include_url=False)
    unknown = [str(found["loc"][-1]) for found in errors if found["type"] == "extra_forbidden"]
    misspelt = {nearest(key, section.keys()) for key in unknown}
    for found in errors:
        place = tuple(part for part in found["loc"] if part not in ("function-plain", "function-before"))
        if found["type"] == "missing":
            if place[-1] in misspelt:  # the unknown key says it
                continue
            place = place[:-1]
        if found["type"] == _MISPLACED:
            faults += [Fault((*path, *place), message, at) for at, message in found["ctx"]["wrong"]]
        else:
            faults.append(Fault((*path, *place), _message(found, section.within(found["loc"]))))
    return faults


def unknown_key(key: str, known: Iterable[str], owner: str) -> str:
    """What to say of a *key* that *owner* ("a rule") does not have among those *known*."""
    if key.isdecimal():
        return "a number with commas must stand in quotes, since within braces a comma parts keys"
    meant = nearest(key, known)
    if meant is not None:
        return f"{shown(key)} is unknown here; did you mean {shown(meant)}?"
    keys = list(known)
    if len(keys) > _LISTED:
        like = likest(key, keys, _LIKE)
        near = f"the nearest {'are' if len(like) > 1 else 'is'} {', '.join(like)}; " if like else ""
        return f"{owner} has no {shown(key)}; {near}docs/rules.md lists its {len(keys)} keys"
    return f"{owner} has no {shown(key)}; its keys are {', '.join(keys)}"


def unknown_value(value: str, known: Iterable[str], what: str) -> str:
    """What to say of a *value* that is not among the *known* of its kind: *what* is ``kind``, for example."""
    return f"{no(value, what)}{_meant(value, known, 'known are')}"


def no(value: str, what: str) -> str:
    """That *value* is no *what*."""
    return f"{shown(value)} is not {'an' if what[0] in 'aeiou' else 'a'} {what}"


def shown(text: str) -> str:
    """*text* in quotes, unless it may be a secret that stands where a name should."""
    return "(not shown: it may be a secret)" if _SECRET.search(text) else repr(text)


def _meant(given: str, known: Iterable[str], introduction: str) -> str:
    names = sorted(known)
    close = nearest(given, names)
    bare = (shown(name).removeprefix("'").removesuffix("'") for name in names)
    return f"; did you mean {shown(close)}?" if close else f"; {introduction} {', '.join(bare)}"


def _message(found: ErrorDetails, section: type[Section]) -> str:
    key = str(found["loc"][-1]) if found["loc"] else ""
    said = _SAID.get(found["type"], "this cannot be used here")
    match found["type"]:
        case "extra_forbidden":
            if meant := section.everyday.get(key.casefold()):
                said = f"{section.called} has no {shown(key)}; {meant}"
            else:
                said = unknown_key(key, section.keys(), section.called)
        case "missing":
            said = f"{key!r} is missing"
        case "string_type":
            said = _no_text(found["input"])
        case "literal_error":
            said = f"write {found['ctx']['expected']}"
        case "value_error":
            said = found["msg"].removeprefix("Value error, ")
        case kind if kind in _NO_NUMBER:
            said = NOTHING if found["input"] is None else _bounds(key, section)
    return said


def _bounds(key: str, section: type[Section]) -> str:
    """Which number can stand behind *key*, and what may be meant by another."""
    field = section.model_fields[key]
    least, most = (
        next(f"{bound:g}" for one in field.metadata if (bound := getattr(one, name, None)) is not None)
        for name in ("ge", "le")
    )
    whole = "" if field.annotation is float else "whole "
    also = section.otherwise.get(key)
    return f"write a {whole}number from {least} to {most}{f'; {also}' if also else ''}"


def _no_text(given: Any) -> str:
    if given is None:
        return NOTHING
    if isinstance(given, Mapping | list):
        return "one text must stand here, no list and no settings"
    read = {bool: "yes or no", date: "a date", datetime: "a time"}.get(type(given), "a number")
    return f"without quotes YAML reads {read} here, not a text: put it in quotes"
