"""The text of an expression as tokens: what it means to CEL, and what people write out of habit instead."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from service.words import nearest

_TOKENS = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<string>[rR]?(?:'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
    |(?P<decimal>(?:[0-9]+\.[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)
    |(?P<whole>0x[0-9a-fA-F]+|[0-9]+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|[-!<>?:,.+*/%()\[\]{}])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_SCALE = {"k": 10**3, "m": 10**6, "mm": 10**6, "mio": 10**6, "million": 10**6, "b": 10**9, "bn": 10**9}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_WORDS = {  # what is said elsewhere
    "and": "&&",
    "or": "||",
    "not": "!",
    "is": "==",
    "equals": "==",
    "eq": "==",
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "mod": "%",
}
_SIGNS = {"=": "==", "&": "&&", "|": "||", "\u2265": ">=", "\u2264": "<=", "\u2260": "!="}
_NOT_HERE = {
    **{one: f"straight quotes stand around a text, not {one}" for one in "\u2018\u2019\u201c\u201d\u00ab\u00bb\u201e`"},
    **dict.fromkeys("'\"", "a quote that begins here is never closed"),
    **dict.fromkeys("$\u20ac\u00a3", "an amount stands as a number alone, in US dollars"),
    ";": "one expression stands here; join two with &&",
}
_CONSTANTS = {"yes": "true", "no": "false"}
_NOT_ASKED = {
    **dict.fromkeys(("null", "none", "nil"), "what is missing is unknown by itself, and cannot be asked for"),
    **dict.fromkeys(("if", "then", "else"), "an expression is true or false by itself: write it without if and then"),
    "between": "write two comparisons joined by && for between",
    "like": "write contains('...') behind a text for like",
}


class Token(NamedTuple):
    """One word or sign, and where it begins."""

    kind: str
    text: str
    at: int

    @property
    def end(self) -> int:
        """Where what follows begins."""
        return self.at + len(self.text)


class Wrong(NamedTuple):
    """What cannot be meant as it is written, and where."""

    at: int
    message: str


def tokens(text: str) -> list[Token]:
    """*text* without its spaces and comments."""
    found = (Token(match.lastgroup or "", match[0], match.start()) for match in _TOKENS.finditer(text))
    return [one for one in found if one.kind != "space"]


def habits(every: Sequence[Token]) -> Iterator[Wrong]:
    """What people write out of habit, each with what to write."""
    depth: list[str] = []
    told = set[str]()
    for number, token in enumerate(every):
        before = every[number - 1] if number else None
        after = every[number + 1] if number + 1 < len(every) else None
        if token.text in _CLOSING:
            depth.append("call" if token.text == "(" and before and before.kind == "name" else token.text)
        elif token.text in _CLOSING.values() and depth:
            depth.pop()
        said = _habit(token, before, after, within=depth[-1] if depth else "")
        if said and said not in told:
            told.add(said)
            yield Wrong(token.at, said)


def _habit(token: Token, before: Token | None, after: Token | None, *, within: str) -> str | None:
    touching = after if after and after.at == token.end else None
    match token.kind:
        case "other":
            return _sign(token, before, touching)
        case "whole" | "decimal":
            return _number(token, touching, after, within)
        case "name":
            return _word(token, before)
    if token.text == "<" and touching and touching.text == ">":
        return "write != for <>"
    return None


def _sign(token: Token, before: Token | None, touching: Token | None) -> str | None:
    sign = token.text
    if sign in _NOT_HERE:
        return _NOT_HERE[sign]
    if before and before.end == token.at and before.text in (sign, "==", "!="):
        return None  # the one before says it
    if sign == "=" and touching and touching.text in (">", "<"):
        return f"write {touching.text}= for ={touching.text}"
    return f"write {_SIGNS[sign]} for {sign}" if sign in _SIGNS else f"{sign!r} means nothing here"


def _number(token: Token, touching: Token | None, after: Token | None, within: str) -> str | None:
    if token.text.startswith("0x"):
        return f"write {int(token.text, 16)} for {token.text}"
    if after and after.kind == "name" and (scale := _SCALE.get(after.text.casefold())):
        space = "" if touching else " "
        return f"write {_plain(Decimal(token.text) * scale)} for {token.text}{space}{after.text}"
    if touching and touching.kind == "name":
        digits = f"{token.text}{touching.text}".replace("_", "")
        return f"write {digits} for {token.text}{touching.text}" if digits.isdecimal() else _unit(token, touching)
    if after and after.text.casefold() in _UNITS:
        return _unit(token, after)
    if touching and touching.text == "," and within not in ("call", "[", "{"):
        return "a number has no commas in it: write 1000000 for 1,000,000"
    return None


_UNITS = frozenset({"percent", "pct", "days", "day", "years", "year", "shares", "usd", "dollars", "%"})


def _unit(token: Token, unit: Token) -> str:
    return f"a number stands without {unit.text!r}, since what a fact counts is known: write {token.text}"


def _word(token: Token, before: Token | None) -> str | None:
    word, folded = token.text, token.text.casefold()
    if before and before.text == ".":
        return None
    if folded in _WORDS and (before is None or before.kind != "sign" or folded == "not"):
        return f"write {_WORDS[folded]} for {word}"
    constant = _CONSTANTS.get(folded, folded)
    if constant in ("true", "false") and constant != word:
        return f"write {constant} for {word}"
    return _NOT_ASKED.get(folded)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def closing(every: Sequence[Token], opening: int) -> int:
    """The index of the token that closes the bracket at index *opening*; the last one where none does."""
    depth = 0
    for number in range(opening, len(every)):
        if every[number].text in _CLOSING:
            depth += 1
        elif every[number].text in _CLOSING.values():
            depth -= 1
            if depth == 0:
                return number
    return len(every) - 1


def operand(every: Sequence[Token], first: int) -> int:
    """The index of the last token of the operand that begins at index *first*."""
    number = first
    while number + 1 < len(every) and every[number].text in ("-", "!"):
        number += 1
    if every[number].text in _CLOSING:
        number = closing(every, number)
    while number + 1 < len(every):
        following = every[number + 1].text
        if following == "." and number + 2 < len(every):
            number += 2
        elif following in ("(", "["):
            number = closing(every, number + 1)
        else:
            break
    return number


def beginning(every: Sequence[Token], last: int) -> int:
    """The index of the first token of the operand whose last one is at index *last*."""
    number = last
    while number > 0:
        if every[number].text in _CLOSING.values():
            opening = (at for at in range(number) if every[at].text in _CLOSING and closing(every, at) == number)
            number = max(opening, default=0)
            if number > 0 and every[number].text == "(" and every[number - 1].kind == "name":
                number -= 1
        if number < 2 or every[number - 1].text != ".":
            break
        number -= 2
    return number


def meant(word: str, known: Sequence[str]) -> str:
    """What was likely meant by *word*, in words; else nothing."""
    close = nearest(word, known)
    return f"; did you mean {close!r}?" if close else ""
