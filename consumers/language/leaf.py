"""Parts of expressions that are so plain that they are held against facts at once: CEL takes twenty times as long.

A fact against a literal, a word among a fact's words, a fact that is true or false: what most people write. Each has
the value that CEL gives it, numbers as doubles included.
"""

import operator
from collections.abc import Callable, Mapping, Sequence

from consumers.language.tokens import Token
from consumers.matcher.facts.fact import AtLeast, Partial, Type, Value
from consumers.matcher.facts.registry import FACTS
from service.model.fact import Verdict

Known = Mapping[str, Value | None]
"""Facts by their names; None is unknown."""

Test = Callable[[Known], Verdict]

_NUMBERS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_MOST = float("inf")
_TEXTS: Mapping[str, Callable[[str, str], bool]] = {"==": operator.eq, "!=": operator.ne}


def plain(every: Sequence[Token]) -> Test | None:
    """What holds the expression *every* against facts; None: that takes CEL."""
    match every:
        case [Token(kind="name", text=name)] if _is(name, Type.FLAG):
            return lambda known: _verdict(known[name])
        case [Token(kind="name", text=name), Token(text=sign), Token(kind="whole" | "decimal", text=number)] if (
            _is(name, Type.NUMBER) and sign in _NUMBERS
        ):
            return _compared(name, sign, float(number))
        case [Token(kind="name", text=name), Token(text=sign), Token(kind="string", text=text)] if (
            _is(name, Type.WORD, Type.TEXT) and sign in _TEXTS and _is_simple(text)
        ):
            return _same(name, _TEXTS[sign], text[1:-1])
        case [Token(kind="string", text=text), Token(text="in"), Token(kind="name", text=name)] if _is(
            name, Type.WORDS
        ) and _is_simple(text):
            return _among(name, text[1:-1])
    return None


def _is(name: str, *types: Type) -> bool:
    return name in FACTS and FACTS[name].type in types


def _is_simple(text: str) -> bool:
    """Whether what stands between the quotes is what is meant."""
    return text[0] in "'\"" and text[:3] not in ("'''", '"""') and "\\" not in text


def _verdict(value: Value | None) -> Verdict:
    return Verdict.UNKNOWN if value is None else Verdict.of(value is True)


def _compared(name: str, sign: str, number: float) -> Test:
    compare = _NUMBERS[sign]

    def test(known: Known) -> Verdict:
        value = known[name]
        if isinstance(value, AtLeast) and (
            compare(_MOST, number) is not compare(float(value), number)
            or (sign in ("==", "!=") and number >= float(value))
        ):
            return Verdict.UNKNOWN
        return Verdict.UNKNOWN if value is None else Verdict.of(compare(float(value), number))  # type: ignore[arg-type]

    return test


def _same(name: str, compare: Callable[[str, str], bool], text: str) -> Test:
    def test(known: Known) -> Verdict:
        value = known[name]
        return Verdict.UNKNOWN if value is None else Verdict.of(compare(str(value), text))

    return test


def _among(name: str, word: str) -> Test:
    def test(known: Known) -> Verdict:
        words = known[name]
        if words is None:
            return Verdict.UNKNOWN
        assert isinstance(words, frozenset)
        if word in words:
            return Verdict.TRUE
        return Verdict.UNKNOWN if isinstance(words, Partial) and word in words.missing else Verdict.FALSE

    return test
