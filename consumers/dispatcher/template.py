"""A message in the words of whoever set the channel up: Jinja2 templates, of which only what is bounded is taken.

What a template can do is a list, not what is left after a list of dangers: texts, values, conditions, and loops over
what the filing has, two within each other at most. So none runs long, and none makes much of little.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from consumers.dispatcher.render import Rendering
from service.text import one_line
from service.words import nearest

if TYPE_CHECKING:  # 3 MB, for channels with a template alone
    from jinja2 import nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

EXAMPLE = "{{ headline }}\n{% for row in rows %}{{ row.title }}: {{ row.shares }}\n{% endfor %}{{ link }}"
LONGEST = 4000  # characters of a template
_WRITTEN = 20_000  # characters of a message; each service takes less
_ROWS, _LISTED = 60, 100  # what a loop goes over at most
_CONSTANT = 5  # characters of a text that a filter is given
_WITHIN = 2  # loops within each other
_FILTERS = 3  # one after the other

NAMES = {
    "headline": "what happened, in a line",
    "company": "name, ticker and CIK",
    "who": "a list: each owner with the role",
    "rule": "the rule's name",
    "description": "what the rule says of itself",
    "form": "4 or 4/A",
    "accession": "the accession number",
    "link": "where EDGAR has the filing",
    "submission": "where EDGAR has it as filed",
    "notes": "a list: amendment, 10b5-1 plan",
    "rows": "a list: each row's title, and by their names shares, price, value, strike, expires, ...; lines has all",
    "why": "a list: why it rang, with the boxes",
    "footnotes": "a list: number and text of each",
    "remarks": "the filing's remarks",
    "flags": "a list: what is odd in it",
    "way": "when EDGAR accepted it, and how long it took",
}
"""What a template can name."""

_LISTS = frozenset({"who", "notes", "rows", "why", "footnotes", "flags", "lines"})
FILTERS = ("default", "first", "join", "last", "length", "lower", "title", "trim", "truncate", "upper")
_TESTS = frozenset({"defined", "none", "even", "odd"})


class TemplateFailed(Exception):
    """A template could not be filled with what a filing has; it says why."""


class Template:
    """One, read and checked."""

    def __init__(self, text: str) -> None:
        """Raises ValueError, with the line, where *text* is no template, or may do more than one may."""
        if not text.strip():
            raise ValueError("a template is a text, as in: {{ headline }}")
        if len(text) > LONGEST:
            raise ValueError(f"a template has at most {LONGEST:,} characters; this one has {len(text):,}")
        self.text = text
        self._filled = _read(text)

    def __str__(self) -> str:
        """As it was written."""
        return self.text

    def lines(self, words: Rendering) -> list[str]:
        """The message on *words*, in lines, none of them empty at the ends; raises TemplateFailed."""
        try:
            pieces = self._filled.generate(_values(words))
            written = "".join(_bounded(pieces))
        except Exception as error:  # of whatever a filter meets
            raise TemplateFailed(one_line(f"{type(error).__name__}: {error}")[:200]) from error
        lines = [one_line(line).rstrip() for line in written.strip().split("\n")]
        if not any(lines):
            raise TemplateFailed("it says nothing for this filing")
        return lines


@lru_cache(maxsize=1)
def _environment() -> "ImmutableSandboxedEnvironment":
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    made = ImmutableSandboxedEnvironment(autoescape=False, trim_blocks=True, lstrip_blocks=True)  # channels escape
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.tests = {name: made.tests[name] for name in _TESTS}
    made.globals = {}
    return made


@lru_cache(maxsize=1000)
def _read(text: str) -> Any:
    from jinja2 import TemplateSyntaxError  # noqa: PLC0415

    environment = _environment()
    try:
        tree = environment.parse(text)
        for node in tree.body:
            _check(node, frozenset(NAMES), 0)
        return environment.from_string(text)
    except TemplateSyntaxError as error:
        raise ValueError(f"line {error.lineno}: {one_line(error.message or 'this is no template')}") from None


def _check(node: "nodes.Node", names: frozenset[str], within: int) -> None:
    """Raise ValueError where *node*, *within* so many loops, does what a template may not do."""
    from jinja2 import nodes  # noqa: PLC0415

    if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
        _check_loop(node, within)
        inner = names | {node.target.name, "loop"}
        for one in (*node.body, *node.else_):
            _check(one, inner, within + 1)
        _check(node.iter, names, within)
        return
    _check_one(node, names)
    for child in node.iter_child_nodes():
        _check(child, names, within)


def _check_loop(node: "nodes.For", within: int) -> None:
    if within == _WITHIN or node.recursive or node.test is not None:
        raise _fault(node, f"at most {_WITHIN} loops can be within each other, each without conditions")
    if _looped(node.iter) not in _LISTS:
        raise _fault(node, f"a loop goes over a list: {', '.join(sorted(_LISTS))} (of a row)")


def _check_one(node: "nodes.Node", names: frozenset[str]) -> None:
    from jinja2 import nodes  # noqa: PLC0415

    match node:
        case nodes.Name() if node.name not in names:
            meant = nearest(node.name, names)
            raise _fault(node, f"there is no {node.name!r}{f'; did you mean {meant!r}?' if meant else ''}")
        case nodes.Getattr() if node.attr.startswith("_"):
            raise _fault(node, f"there is no {node.attr!r}")
        case nodes.Filter():
            _check_filter(node)
        case nodes.Test() if node.name not in _TESTS:
            raise _fault(node, f"there is no test {node.name!r}")
        case nodes.Const() if isinstance(node.value, int) and abs(node.value) > LONGEST:
            raise _fault(node, "the number is too large")
        case _ if not isinstance(node, _allowed()):
            raise _fault(node, "templates have texts, values, filters, if, and for over lists")


def _looped(over: "nodes.Node") -> str:
    """The name of what a loop goes *over*; empty: it has none."""
    from jinja2 import nodes  # noqa: PLC0415

    match over:
        case nodes.Name():
            return over.name
        case nodes.Getattr(node=nodes.Name(), attr="lines"):
            return "lines"
    return ""


def _check_filter(node: "nodes.Filter") -> None:
    from jinja2 import nodes  # noqa: PLC0415

    if node.name not in FILTERS:
        raise _fault(node, f"there is no filter {node.name!r}; there are: {', '.join(FILTERS)}")
    if node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
        raise _fault(node, f"{node.name} takes its values without names")
    for given in node.args:
        if not isinstance(given, nodes.Const):
            raise _fault(node, f"{node.name} takes what is written there, such as {node.name}(', ')")
        if isinstance(given.value, str) and len(given.value) > _CONSTANT and node.name == "join":
            raise _fault(node, f"what stands between is at most {_CONSTANT} characters long")
    depth, inner = 1, node.node
    while isinstance(inner, nodes.Filter):
        depth, inner = depth + 1, inner.node
    if depth > _FILTERS:
        raise _fault(node, f"at most {_FILTERS} filters can follow each other")


@lru_cache(maxsize=1)
def _allowed() -> tuple[type, ...]:
    from jinja2 import nodes  # noqa: PLC0415

    return (
        *(nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem),
        *(nodes.If, nodes.CondExpr, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand),
        *(nodes.And, nodes.Or, nodes.Not),
    )


def _fault(node: "nodes.Node", why: str) -> ValueError:
    return ValueError(f"line {node.lineno}: {why}")


def _bounded(pieces: Iterable[str]) -> Iterator[str]:
    room = _WRITTEN
    for piece in pieces:
        yield piece[:room]
        room -= len(piece)
        if room <= 0:
            return


def _values(words: Rendering) -> dict[str, Any]:
    links = dict(words.links)
    return {
        "headline": words.headline,
        "company": words.company,
        "who": words.who[:_LISTED],
        "rule": words.rule,
        "description": words.description or "",
        "form": words.form,
        "accession": words.accession,
        "link": next(iter(links.values()), ""),
        "submission": links.get("Full submission", ""),
        "notes": words.notes[:_LISTED],
        "rows": [_row(row.title, row.lines) for row in islice(words.rows, _ROWS)],
        "why": words.why[:_LISTED],
        "footnotes": [{"number": number, "text": text} for number, text in words.footnotes[:_LISTED]],
        "remarks": words.remarks or "",
        "flags": words.flags[:_LISTED],
        "way": words.way or "",
    }


def _row(title: str, lines: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """By the labels of its lines, in small letters: ``row.exercise_value``."""
    by_name = {label.casefold().replace(" ", "_"): text for label, text in lines}
    return {**by_name, "title": title, "lines": [f"{label}: {text}" for label, text in lines]}
