"""Expressions over facts in CEL, the Common Expression Language: read, checked, and held against what is known.

CEL knows whole and decimal numbers apart, and refuses to compare them; here every number is a decimal (a double), so
whole literals are handed on as decimals, and sizes converted. A double holds 15 significant digits exactly as they are
written: what is compared as it was filed is compared exactly; what is computed is as exact as doubles are. A division
by 0 is unknown, as is everything that needs a fact that is missing. CEL itself bounds how deep an expression is nested,
and how often its loops go round. What && and || join, and ! turns, is held against facts part by part, in Kleene's
logic, which is CEL's own; the plainest parts need no CEL (`leaf`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, cached_property, lru_cache
from typing import Any

from consumers.kleene import all_of, any_of, opposite
from consumers.language.complaints import TYPES, complaints, literals, shortly
from consumers.language.leaf import Known, Test, plain
from consumers.language.tokens import Token, Wrong, beginning, closing, habits, operand, tokens
from consumers.matcher.facts.fact import AtLeast, FactType, Partial, Type, Value
from consumers.matcher.facts.registry import FACTS
from service.model.fact import Verdict

LONGEST = 2_000  # characters

_MISSING = re.compile(r'No value with name "([^"]+)"')


class CelNotInstalled(ValueError):
    """What expressions need is not installed."""


class NoExpression(ValueError):
    """The text cannot be used; ``wrong`` says where and why, in order."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__(wrong[0].message)
        self.wrong = tuple(wrong)


@dataclass(frozen=True, slots=True)
class Operand:
    """What an expression joins: parts of it, or one that is of one piece."""

    text: str
    join: str = ""  # "&&", "||" or "!"; empty: of one piece
    parts: tuple["Operand", ...] = ()


@dataclass(frozen=True, eq=False)
class Expression:
    """An expression that can be held against facts."""

    text: str
    facts: tuple[FactType, ...]  # those that it names
    compiled: Any
    part: Operand

    def verdict(self, known: Known) -> Verdict:
        """Its value, in Kleene's logic, where the facts are as *known*."""
        return self._test(known)

    @cached_property
    def _test(self) -> Test:
        """Joins are ours; of what they join, CEL is asked what is not plain."""
        return _test(self.part)

    def by_cel(self, known: Known) -> Verdict:
        """The same, as CEL alone tells it."""
        found = self._eval(known)
        partly = any(isinstance(value, Partial) for value in known.values())
        if partly and found != self._eval({name: _most(value) for name, value in known.items()}):
            return Verdict.UNKNOWN  # what may be there, too, would change it
        if found is True:
            return Verdict.TRUE
        return Verdict.FALSE if found is False else Verdict.UNKNOWN

    def reason(self, known: Known) -> str | None:
        """Why it is unknown although every fact is known; None: it is not, or one is missing."""
        found = self._eval(known)
        return found if isinstance(found, str) and not _MISSING.search(found) else None

    def _eval(self, known: Known) -> bool | str | None:
        try:
            data = {one.name: _GIVEN[one.type](known[one.name]) for one in self.facts if _is_whole(known[one.name])}
            found = self.compiled.eval(data=data)
        except RuntimeError as error:  # its loops go round too often
            return shortly(str(error))
        value = found.value()
        return value if isinstance(value, bool) else shortly(str(value))


def compiled(text: str) -> Expression:
    """*text*, ready; raises NoExpression with everything that is wrong, and NotInstalled."""
    if len(text) > LONGEST:
        raise NoExpression([Wrong(0, f"an expression has at most {LONGEST:,} characters, and this has {len(text):,}")])
    every = tokens(text)
    if wrong := sorted(habits(every)):
        raise NoExpression(wrong)
    made = of_piece(text)
    if made.compiled.return_type().name() != "BOOL":
        told = TYPES.get(made.compiled.return_type().name().lower(), "something else")
        raise NoExpression([Wrong(0, f"an expression must be true or false, and this is {told}: compare it")])
    if wrong := sorted(literals(every, _evaluated)):
        raise NoExpression(wrong)
    if not made.facts:
        raise NoExpression([Wrong(0, "this names no fact, so it is the same for every filing")])
    return made


_KEPT = 10_000  # expressions that are ready; each takes 8 KB


@lru_cache(maxsize=_KEPT)
def of_piece(text: str) -> Expression:
    """*text*, which may be a part of an expression: whether it makes sense by itself is not asked."""
    every = tokens(text)
    rewritten = _Rewritten(text, every)
    try:
        made = _environment().compile(rewritten.text)
    except RuntimeError as error:
        raise NoExpression(sorted(set(complaints(str(error), rewritten.place, every)))) from None
    return Expression(text=text, facts=_facts(every), compiled=made, part=_part(text, every))


def _test(part: Operand) -> Test:
    """What holds *part* against facts."""
    tests = tuple(map(_test, part.parts))
    match part.join:
        case "&&":
            return lambda known: all_of(test(known) for test in tests)
        case "||":
            return lambda known: any_of(test(known) for test in tests)
        case "!":
            return lambda known: opposite(tests[0](known))
    return plain(tokens(part.text)) or of_piece(part.text).by_cel


def part_of(text: str) -> Operand:
    """How *text*, an expression, joins its parts."""
    every = tokens(text)
    return _part(text, every) if every else Operand(text)


def _is_whole(value: Value | None) -> bool:
    """Whether CEL can be told *value*: what is known of a number in part, it would take for the number."""
    return value is not None and not isinstance(value, AtLeast)


def _most(value: Value | None) -> Value | None:
    """*value* with all that it can be."""
    return value | value.missing if isinstance(value, Partial) else value


_GIVEN: Mapping[Type, Callable[[Any], Any]] = {  # facts as CEL takes them
    Type.NUMBER: float,
    Type.WORD: str,
    Type.WORDS: lambda words: sorted(map(str, words)),
    Type.FLAG: bool,
    Type.DATE: lambda day: datetime.combine(day, time.min, UTC),
    Type.TEXT: str,
}


def _evaluated(text: str) -> object:
    """The value of *text*, which names no fact."""
    return _environment().compile(text).eval(data={}).value()


@cache
def _environment() -> Any:
    try:
        from cel_expr_python import cel
    except ImportError:
        raise CelNotInstalled(
            "expressions need the package cel-expr-python, which is missing: make cel, or pip install cel-expr-python"
        ) from None
    types = {
        Type.NUMBER: cel.Type.DOUBLE,
        Type.WORD: cel.Type.STRING,
        Type.WORDS: cel.Type.List(cel.Type.STRING),
        Type.FLAG: cel.Type.BOOL,
        Type.DATE: cel.Type.TIMESTAMP,
        Type.TEXT: cel.Type.STRING,
    }

    def function(name: str, takes: Any, gives: Any, impl: Any) -> Any:
        overload = cel.Overload(f"{name}_", return_type=gives, parameters=[takes], is_member=False, impl=impl)
        return cel.FunctionDecl(name, [overload])

    return cel.NewEnv(
        variables={fact.name: types[fact.type] for fact in FACTS.values()},
        functions=[
            function("date", cel.Type.STRING, cel.Type.TIMESTAMP, _date),
            function(_DIVISOR, cel.Type.DOUBLE, cel.Type.DOUBLE, _divisor),
        ],
    )


_DIVISOR = "_divisor"  # what stands around what is divided by; nobody writes it


def _date(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time.min, UTC)


def _divisor(number: float) -> float:
    if number == 0:
        raise ZeroDivisionError("division by 0")
    return number


_WHOLE = frozenset({"size", "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"})


class _Rewritten:
    """An expression as CEL is to read it, and where its places come from."""

    def __init__(self, text: str, every: Sequence[Token]) -> None:
        insertions: list[tuple[int, int, str]] = []  # where, before what else there, and what
        for number, token in enumerate(every):
            if token.kind == "whole":
                insertions.append((token.end, -1, ".0"))
            elif token.text in _WHOLE and number + 1 < len(every) and every[number + 1].text == "(":
                of_what = number > 1 and every[number - 1].text == "."
                first = beginning(every, number - 2) if of_what else number
                insertions.append((every[first].at, 1, "double("))
                insertions.append((every[closing(every, number + 1)].end, 0, ")"))
            elif token.text == "/" and number + 1 < len(every):
                insertions.append((every[number + 1].at, 1, f"{_DIVISOR}("))
                insertions.append((every[operand(every, number + 1)].end, 0, ")"))
        pieces, places, last = list[str](), list[int](), 0
        for at, _, piece in sorted(insertions):
            pieces += [text[last:at], piece]
            places += [*range(last, at), *[at] * len(piece)]
            last = at
        self.text = "".join((*pieces, text[last:]))
        self._places: list[int] = [*places, *range(last, len(text) + 1)]

    def place(self, line: int, column: int) -> int:
        """Where in the text as it was written CEL's *line* and *column* are."""
        starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        at = int(starts[min(line, len(starts)) - 1]) + column - 1
        return self._places[min(at, len(self._places) - 1)]


def _facts(every: Sequence[Token]) -> tuple[FactType, ...]:
    """The facts that are named, each once."""
    names = [
        token.text
        for number, token in enumerate(every)
        if token.kind == "name" and token.text in FACTS and (number == 0 or every[number - 1].text != ".")
    ]
    return tuple(FACTS[name] for name in dict.fromkeys(names))


def _part(text: str, every: Sequence[Token]) -> Operand:
    while every[0].text == "(" and closing(every, 0) == len(every) - 1 and len(every) > 2:
        every = every[1:-1]
    own = text[every[0].at : every[-1].end]
    top = list(_top(every))
    if not any(every[number].text == "?" for number in top):
        for join in ("||", "&&"):
            cuts = [number for number in top if every[number].text == join]
            if cuts:
                bounds = zip([-1, *cuts], [*cuts, len(every)], strict=True)
                return Operand(own, join, tuple(_part(text, every[first + 1 : last]) for first, last in bounds))
        if every[0].text == "!" and operand(every, 0) == len(every) - 1:
            return Operand(own, "!", (_part(text, every[1:]),))
    return Operand(own)


def _top(every: Sequence[Token]) -> Iterator[int]:
    """The indexes of the tokens that stand in no bracket."""
    number = 0
    while number < len(every):
        yield number
        number = closing(every, number) + 1 if every[number].text in ("(", "[", "{") else number + 1
