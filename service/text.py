"""What others wrote, made fit to be read: in a terminal, a message or a log it is one line of text."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from msgspec import Struct

T = TypeVar("T")

_BREAKS = dict.fromkeys(map(ord, "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"), " ")
_NOTHING_TO_SEE = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # letters and marks by name, but they show nothing
_HEAPED = re.compile(r"(?<=[\u0300-\u036f]{4})[\u0300-\u036f]+")  # accents upon accents, which cover other lines
_SELECTORS = range(0xE0100, 0xE01F0)  # of variants; text can be smuggled in them
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
REPLACED = "\N{REPLACEMENT CHARACTER}"


def one_line(text: str) -> str:
    """*text* as one line of what can be seen.

    Line ends, tabs and separators become spaces. Control characters (C0, C1: what begins an escape sequence) and lone
    surrogates show as U+FFFD. What changes the direction of text, or takes no room (bidi marks, overrides and isolates,
    joiners, tags), goes, and of accents heaped on a letter all but four.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _HEAPED.sub("", text.replace("\r\n", "\n").translate(_BREAKS))
    return "".join(map(_seen, text))


def is_text(value: Any) -> bool:
    """Whether each text in *value* can be kept: PostgreSQL has none with NUL, and nobody one with lone surrogates."""
    match value:
        case str():
            return _NO_TEXT.search(value) is None
        case Mapping():
            return all(is_text(key) and is_text(inner) for key, inner in value.items())
        case list() | tuple():
            return all(map(is_text, value))
        case _:
            return True


def each_line(text: str) -> str:
    """*text* with the line ends that are ours, and each of its lines as `one_line` has it."""
    return "\n".join(map(one_line, text.split("\n")))


def legible(value: T) -> T:
    """*value* (a struct, a tuple, a list or a mapping of such) with every text in it as one line.

    For what people read. What programs read keeps the text as it was filed.
    """
    return cast("T", _legible(value))


def _legible(value: Any) -> Any:
    if type(value) is str:  # an enum's member is one of ours
        return one_line(value)
    if isinstance(value, Struct):
        return type(value)(**{name: _legible(getattr(value, name)) for name in value.__struct_fields__})
    if isinstance(value, Mapping):
        return {_legible(key): _legible(item) for key, item in value.items()}
    if type(value) in (tuple, list):
        return type(value)(map(_legible, value))
    return value


def _seen(one: str) -> str:
    """What to show of the character *one*."""
    match unicodedata.category(one):
        case "Cc" | "Cs":
            return REPLACED
        case "Cf":
            return ""
        case "Zl" | "Zp":
            return " "
    return "" if one in _NOTHING_TO_SEE or ord(one) in _SELECTORS else one
