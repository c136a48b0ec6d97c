"""docs/facts.md, written from the table of facts: ``python -m consumers.matcher.facts > docs/facts.md``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from consumers.matcher.facts.boxes import BOXES, OF_FILING
from consumers.matcher.facts.fact import FactType, Level, Type
from consumers.matcher.facts.registry import FACTS
from service.model.ownership import Box
from service.model.word import Word

_HEAD = """# Facts

What rules can ask of a filing, what alerts carry and explanations rest on. [Rules](rules.md) says how to ask. This page
is written from the code by `python -m consumers.matcher.facts`, and a test holds it to the code.

**A fact that is not filed, or that cannot be relied on, is unknown**: never 0, never false. What a flag names as
doubtful is unknown to rules, and stands in the alert as it was filed.

Numbers are exact (decimal). `usd` is US dollars, `shares` counts shares or derivative securities, 12.5 `percent` is
12.5 %. A word is one of those listed below; `words` are any number of them. Boxes are those of the form.
"""


def page() -> str:
    """The whole page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "## Of a row\n"
    yield "Every row of Table I and Table II that reports a transaction has these; those of holdings have none.\n"
    yield "| fact | type | what it is | Table I | Table II | example |\n|---|---|---|---|---|---|"
    yield from (_row(fact, BOXES) for fact in FACTS.values() if fact.level is Level.ROW)
    yield "\n## Of the filing\n\nThese are the same for all rows of a filing.\n"
    yield "| fact | type | what it is | where | example |\n|---|---|---|---|---|"
    yield from (_row(fact, {"": {}}) for fact in FACTS.values() if fact.level is Level.FILING)
    yield "\n## Words\n"
    for words in dict.fromkeys(fact.words for fact in FACTS.values() if fact.words is not None):
        yield from _words(", ".join(f"`{fact.name}`" for fact in FACTS.values() if fact.words is words), words)


def _row(fact: FactType, tables: Mapping[str, Mapping[str, str]]) -> str:
    type_ = f"{fact.type}, {fact.unit}" if fact.unit else fact.type
    places = [_places(fact.boxes, {**OF_FILING, **boxes}) for boxes in tables.values()]
    meaning = f"{fact.meaning}. Unknown where {fact.unknown}" if fact.unknown else fact.meaning
    example = fact.example if fact.type is Type.TEXT else f"`{fact.example}`"
    return f"| `{fact.name}` | {type_} | {meaning} | {' | '.join(places)} | {example} |"


def _places(boxes: Sequence[Box], numbers: Mapping[str, str]) -> str:
    if boxes[0] not in numbers:
        return "-"
    return ", ".join(dict.fromkeys(numbers[box] for box in boxes if box in numbers))


def _words(names: str, words: Iterable[StrEnum]) -> Iterator[str]:
    meanings = {word: word.meaning for word in words if isinstance(word, Word)}
    if meanings:
        yield f"| {names} | |\n|---|---|"
        yield from (f"| `{word}` | {meaning} |" for word, meaning in meanings.items())
        yield ""
    else:
        yield f"{names}: {', '.join(f'`{word}`' for word in words)}\n"
