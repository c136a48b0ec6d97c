"""What CEL says of an expression it refuses, in the words of those who write rules; and what it cannot know."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from consumers.language.tokens import Token, Wrong, closing, meant
from consumers.matcher.facts.registry import FACTS

Place = Callable[[int, int], int]
"""Where in the text as it was written CEL's line and column are."""

_FUNCTIONS = (
    "date",
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "exists",
    "exists_one",
    "duration",
    "double",
    "string",
)
_DECLARED = re.compile(r"undeclared reference to '([^']+)'")
_OVERLOAD = re.compile(r"no matching overload for '([^']+)' applied to '([^']*)'")
TYPES = {
    "double": "a number",
    "string": "a text",
    "bool": "true or false",
    "google.protobuf.Timestamp": "a date",
    "google.protobuf.Duration": "a time span",
    "list(string)": "a list of words",
    "list(double)": "a list of numbers",
    "int": "a whole number",
}
_SIGNS = {"_&&_": "&&", "_||_": "||", "!_": "!", "@in": "in", "_in_": "in", "-_": "-", "_[_]": "[]"}


def complaints(error: str, place: Place, every: Sequence[Token]) -> Iterator[Wrong]:
    """What CEL found, in words."""
    found = re.findall(r"ERROR: <input>:(\d+):(\d+): (.*)", error)
    if not found:
        deep = "recursion limit" in error
        yield Wrong(0, "this is nested too deeply" if deep else "this is no expression")
    syntax = False
    for line, column, message in found:
        at = place(int(line), int(column))
        if message.startswith("Syntax error"):
            if not syntax:  # one follows from the other
                yield Wrong(at, _syntax(message, at, every))
            syntax = True
        elif not syntax:
            yield _checked(message, at, every)


def _syntax(message: str, at: int, every: Sequence[Token]) -> str:
    token = next((one for one in every if one.at <= at < one.end), None)
    if "<EOF>" in message.split("expecting", maxsplit=1)[0] or token is None:
        return "the expression ends where something must follow"
    before = next((one for one in reversed(every) if one.end <= token.at), None)
    if before and (parted := _parted(before.at, every)):
        return f"the fact is called {parted!r}"
    if token.kind != "sign" and before and before.kind != "sign":
        return f"something must stand between {before.text!r} and {token.text!r}, such as && or =="
    if token.text == ",":
        return "a list of choices stands in [ ], as in: kind in ['sale', 'gift']"
    return f"{token.text!r} cannot stand here"


def _checked(message: str, at: int, every: Sequence[Token]) -> Wrong:
    if match := _DECLARED.search(message):
        name = match[1]
        token = next((one for one in every if one.text == name and one.at <= at), None)
        calls = any(one.text == "(" and one.at == at for one in every)
        if calls and token:
            return Wrong(max(one.at for one in every if one.text == name and one.at <= at), _no_function(name))
        return Wrong(at, _no_fact(name, at, every))
    if match := _OVERLOAD.search(message):
        return Wrong(at, _mismatch(match[1], [one.strip() for one in _arguments(match[2])]))
    if "cannot be the operand of a select operation" in message:
        return Wrong(at, "facts have no parts; a name with a point means nothing here")
    if "has() argument" in message:
        return Wrong(at, "a fact that is missing is unknown by itself; has() asks for nothing here")
    return Wrong(at, message[:1].lower() + message[1:])


def _parted(at: int, every: Sequence[Token]) -> str | None:
    """The fact whose name stands at *at* with a space or a hyphen in it."""
    rest = [one for one in every if one.at >= at][:3]
    names = [one.text for one in rest if one.kind == "name"][:2]
    joined = "_".join(names)
    parted = len(names) > 1 and (rest[1].text == "-" or rest[1].kind == "name")
    return joined if parted and joined in FACTS else None


def _no_fact(name: str, at: int, every: Sequence[Token]) -> str:
    if parted := _parted(at, every):
        return f"the fact is called {parted!r}"
    otherwise = {"kinds": "kind", "roles": "role", "amendments": "amendment", "flag": "flags"}.get(name)
    if otherwise in FACTS:
        return f"there is no fact {name!r}; it is called {otherwise!r}"
    if name in ("watchlist", "exclude", "per", "channels", "any_of"):
        return f"{name} is a key of the rule itself, and stands beside 'when'"
    if any(fact.words and name in list(fact.words) for fact in FACTS.values()):
        return f"a word stands in quotes: '{name}'"
    if name.split(".", maxsplit=1)[0].rstrip("s") in (
        "issuer",
        "owner",
        "ticker",
        "symbol",
        "company",
        "cik",
        "insider",
        "name",
    ):
        return f"there is no fact {name!r}; companies and persons are named in a watchlist, beside 'when'"
    before = [one.text for one in every if one.at < at][-1:]
    quotes = " (a text stands in quotes)" if before in (["=="], ["!="], ["["], [","]) else ""
    return f"there is no fact {name!r}{meant(name, list(FACTS)) or f'; docs/facts.md has all there are{quotes}'}"


def _no_function(name: str) -> str:
    near = meant(name, _FUNCTIONS) if len(name) >= _LONG or name.casefold() in _FUNCTIONS else ""
    return f"there is no function {name!r}{near or '; docs/rules.md has those there are'}"


_LONG = 5  # letters, from which on a name can be a slip of another


def _arguments(text: str) -> list[str]:
    """``list(string), string`` as its two types."""
    return re.findall(r"[A-Za-z_.]+(?:\([^()]*\))?", text)


def _mismatch(operator: str, types: list[str]) -> str:
    sign = _SIGNS.get(operator, operator.strip("_"))
    told = [TYPES.get(one, one) for one in types]
    if sign in ("&&", "||", "!"):
        wrong = next((one for kind, one in zip(types, told, strict=True) if kind != "bool"), told[0])
        return f"{sign} stands with what is true or false, and this is {wrong}: compare it"
    between = f"{sign} cannot stand " + (f"between {told[0]} and {told[1]}" if len(told) > 1 else "here")
    return between + next((f": {why}" for kinds, signs, why in _WHY if kinds <= {*types} and sign in signs), "")


_EQUAL = ("==", "!=")
_COMPARE = (*_EQUAL, "<", "<=", ">", ">=")
_WHY = (
    ({"list(string)", "string"}, ("contains",), "what has several words is asked with in, as in: 'ceo' in role"),
    ({"list(string)"}, ("[]",), "its words have no order; ask with in, as in: 'ceo' in role"),
    ({"string"}, ("in",), "a list of words stands in [ ], as in: kind in ['sale', 'gift']"),
    ({"google.protobuf.Timestamp", "double"}, _COMPARE, "a date is written date('2025-03-03')"),
    ({"google.protobuf.Duration", "double"}, _COMPARE, "a time span is written duration('48h')"),
    ({"bool", "double"}, _COMPARE[2:], "two comparisons are joined by &&"),
    ({"double"}, ("%",), "numbers are decimals here, which leave no remainder"),
    ({"list(string)"}, _EQUAL, "what has several words is asked with in, as in: 'ceo' in role"),
    ({"google.protobuf.Timestamp", "string"}, _COMPARE, "a date is written date('2025-03-03')"),
    ({"bool"}, _EQUAL, "what is true or false stands by itself, or with ! before it"),
    ({"int", "double"}, _COMPARE, "write size(...) around a list, and double(...) around a whole number"),
    ({"double", "string"}, _COMPARE, "a number stands without quotes"),
)


def literals(every: Sequence[Token], evaluated: Callable[[str], object]) -> Iterator[Wrong]:
    """What CEL cannot know: texts that are no word of their fact, no day, or no pattern."""
    for number, token in enumerate(every):
        before = [one.text for one in every[max(number - 2, 0) : number]]
        if token.kind == "string" and before == ["date", "("]:
            yield from _day(token)
        elif token.kind == "string" and before == ["matches", "("]:
            yield from _pattern(token, evaluated)
        elif token.kind == "string" and before in (["duration", "("], ["timestamp", "("]):
            if isinstance(evaluated(f"{before[0]}({token.text})"), str):
                yield Wrong(token.at, _SPANS[before[0]])
        elif token.text in ("==", "!=") and 0 < number < len(every) - 1:
            yield from _word_of(every[number - 1], [every[number + 1]])
            yield from _word_of(every[number + 1], [every[number - 1]])
        elif token.text == "in" and 0 < number < len(every) - 1:
            yield from _word_of(every[number + 1], [every[number - 1]])
            if every[number + 1].text == "[":
                yield from _word_of(every[number - 1], every[number + 1 : closing(every, number + 1)])


_SPANS = {
    "duration": "this is no time span; one is written in hours, minutes and seconds: duration('48h')",
    "timestamp": "this is no time; a day is written date('2025-03-03')",
}


def _day(token: Token) -> Iterator[Wrong]:
    try:
        date.fromisoformat(_text(token))
    except ValueError:
        yield Wrong(token.at, f"{_text(token)!r} is no day; a date is year-month-day: date('2025-03-03')")


def _pattern(token: Token, evaluated: Callable[[str], object]) -> Iterator[Wrong]:
    found = evaluated(f"''.matches({token.text})")
    if not isinstance(found, bool):
        yield Wrong(token.at, f"this is no pattern: {shortly(str(found)).partition(': ')[2] or found}")


def _word_of(token: Token, given: Sequence[Token]) -> Iterator[Wrong]:
    fact = FACTS.get(token.text) if token.kind == "name" else None
    if fact is None or fact.words is None:
        return
    known = [word.value for word in fact.words]
    for one in given:
        if one.kind == "string" and (word := _text(one)) not in known:
            near = meant(word, known) or f"; known are {', '.join(known)}"
            yield Wrong(one.at, f"{fact.name} is never {word!r}{near}")


def _text(token: Token) -> str:
    return token.text.lstrip("rR").strip("'\"")


def shortly(error: str) -> str:
    """*error* without the class that CEL puts before it and behind."""
    return re.sub(r"^[A-Z_]+: |\s*\[[A-Z_]+\]$", "", error)
