"""YAML whose keys and values know their place. No message repeats a value, since any can be a secret."""

import re
import warnings
from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scalarstring import LiteralScalarString

from consumers.language.sections import shown
from service.model.errors import ConfigError
from service.text import is_text

Place = tuple[int, int]
"""A line and a column, both from 1."""

_REPEATED = 10_000  # values that aliases may add
_WIDTH = 100  # characters, behind which what is written is folded

_SHORT = 10  # characters, up to which a number is no secret
_TYPES = frozenset({"map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge"})  # of YAML's values

_PROBLEMS = (  # what ruamel says, and what a person does about it
    (r"character '\\t'", "a tab stands here; indent with spaces"),
    (r"expected chomping|character '>'", 'put thresholds in quotes: ">= 100k"'),
    (r"character '[@`%]'", "no text begins with this sign; put it in quotes"),
    (r"undefined alias", "'*' refers to another place of the file; a text that begins with it stands in quotes"),
    (r"unexpected end of stream", "a quote that begins here is never closed"),
    (r"escape (?:character|sequence)", "a backslash changes what follows; in single quotes it is itself"),
    (r"expected ',' or '\]'", "the list that begins with [ needs a comma or ] here"),
    (r"expected ',' or '\}'", "what begins with { needs a comma or } here"),
    (r"node content", "this sign has no beginning or no value before it"),
    (r"mapping values", "a colon stands where none can: indent as the lines around, or put the text in quotes"),
    (r"sequence entries", "a list begins on a line of its own, or is written [a, b]"),
    (r"but found '<scalar>'", "something stands behind the closing quote"),
    (r"but found '-'", "a list item stands among keys; indent it below its key"),
    (r"<block end>|<document start>", "this line is indented otherwise than those it belongs to"),
    (r"could not find expected ':'", "a colon is missing on this line or the one before"),
    (r"merging", "'<<' takes over another section; a section stands behind it"),
    (r"construct timestamp", "this is read as a date, but there is no such date; put it in quotes"),
)


class NoYaml(ConfigError):
    """A text that is no YAML, or none that can mean anything; only the first place that is wrong can be told."""

    def __init__(self, name: str, place: Place, problem: str) -> None:
        super().__init__(f"{name}:{place[0]}:{place[1]}: {problem}")
        self.place = place
        self.problem = problem


class _Unusable(ConstructorError):
    """YAML, but none that can mean anything here; the problem is in our words."""


class _Constructor(RoundTripConstructor):
    """Makes the tree and notes keys that cannot be used; ruamel's own messages would repeat their values."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.refused: list[tuple[Place, str]] = []

    def check_mapping_key(self, node: Any, key_node: Any, mapping: Any, key: Any, value: Any) -> bool:
        """Whether *key* can be used. Of one that stands twice, the first one holds."""
        if not isinstance(key_node, ScalarNode) or key is None:
            return self._refused(key_node, "a key must be a name")
        if key in mapping:
            return self._refused(key_node, f"key {shown(str(key))} stands twice")
        return True

    def _refused(self, node: Any, message: str) -> bool:
        self.refused.append(((node.start_mark.line + 1, node.start_mark.column + 1), message))
        return False

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT002  (ruamel's own signature)
        """The value of *node*; raises _Unusable also where ruamel lets fall what Python says of the value."""
        if str(node.tag).removeprefix("tag:yaml.org,2002:") not in _TYPES:
            raise _Unusable(
                None,
                None,
                "tags (such as !this) mean nothing here; take it away, or put it in quotes",
                node.start_mark,
            )
        try:
            value = super().construct_object(node, deep)
            if isinstance(value, int):
                str(value)  # Python refuses thousands of digits, here rather than in a message
                _decimal(node, value)
        except (ValueError, LookupError, TypeError):
            problem = "this value is not what it looks like; put it in quotes"
            raise _Unusable(None, None, problem, node.start_mark) from None
        if isinstance(value, str) and not is_text(value):  # each text once, however often aliases repeat it
            raise _Unusable(None, None, "a character stands here that no text has; take it away", node.start_mark)
        # As a number, 100.000 would be 100 whatever was meant; how it is written decides.
        return str(node.value) if isinstance(value, float) else value


def _decimal(node: Any, value: int) -> None:
    """Raises _Unusable where a number is written as only programmers do: ``0x10`` is rather a text, or a slip."""
    if isinstance(node, ScalarNode) and re.match(r"[-+]?0[xob]", str(node.value)):
        meant = f"write {value}" if len(node.value) <= _SHORT else "write it in the digits 0 to 9"
        problem = f"{meant} if this is to be a number, and put it in quotes if a text"
        raise _Unusable(None, None, problem, node.start_mark)


def read(text: str, name: str) -> tuple[Any, list[tuple[Place, str]]]:
    """What *text* says, and which of its keys cannot be used; raises NoYaml; *name* stands for it in messages."""
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    yaml.max_depth = 100
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they print the lines they speak of
            tree = yaml.load(text)
    except MarkedYAMLError as error:
        raise _no_yaml(error, name) from None
    except ReaderError as error:
        before = text[: error.position]
        place = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise NoYaml(name, place, "a control character stands here, so this is no YAML") from None
    except YAMLError:
        raise NoYaml(name, (1, 1), "this is no YAML") from None
    if _repeats(tree, len(text) + _REPEATED):
        raise NoYaml(name, (1, 1), "aliases (*) repeat more here than anybody means; write it out")
    return tree, yaml.constructor.refused


def _repeats(tree: Any, most: int) -> bool:
    """Whether *tree*, with what its aliases stand for, has more than *most* values; one that is written has a sign."""
    left = [tree]
    count = 0
    while left and count <= most:
        one = left.pop()
        count += 1
        if isinstance(one, Mapping):
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    return count > most


def plain(
    value: Any, path: tuple[str | int, ...] = (), text: Callable[[str, tuple[str | int, ...]], str] = lambda one, _: one
) -> Any:
    """*value* of a tree as lists, dicts and scalars; *text* makes of each text, with its path, what stands there."""
    if isinstance(value, Mapping):
        return {str(key): plain(item, (*path, str(key)), text) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, (*path, index), text) for index, item in enumerate(value)]
    if isinstance(value, str):
        return text(str(value), path)
    kind = type(value).__base__
    return kind(value) if kind in (int, float) and not isinstance(value, bool) else value  # not ruamel's own


def written(content: Mapping[str, Any]) -> str:
    """*content* as a person writes it: short lists in a line, long texts as they are."""
    yaml = YAML(typ="rt")
    yaml.width = _WIDTH
    out = StringIO()
    yaml.dump(_laid_out(content), out)
    return out.getvalue() if content else ""


def _laid_out(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _laid_out(item) for key, item in value.items()}
    if isinstance(value, str):
        return LiteralScalarString(value) if "\n" in value.strip() else value
    if not isinstance(value, list | tuple):
        return value
    made = CommentedSeq(_laid_out(item) for item in value)
    if not any(isinstance(item, Mapping | list) for item in value):
        made.fa.set_flow_style()
    return made


def place_of(tree: Any, path: tuple[str | int, ...]) -> Place:
    """The place of the last part of *path* that stands in *tree*."""
    line = column = 0
    for part in path:
        if isinstance(part, int) and isinstance(tree, Mapping):  # one alone, where a list of them could stand
            continue
        try:
            key = part if isinstance(part, int) else next(key for key in tree if str(key) == part)
            line, column = tree.lc.item(key) if isinstance(part, int) else tree.lc.key(key)
            tree = tree[key]
        except (KeyError, IndexError, TypeError, AttributeError, StopIteration):
            break
    return line + 1, column + 1


def place_within(text: str, tree: Any, path: tuple[str | int, ...], at: int) -> Place:
    """The place of character *at* of the value at *path*, in the *text* that *tree* was read from.

    YAML folds lines and takes away spaces, but of what is not space it keeps every character.
    """
    for part in path[:-1]:
        if not (isinstance(part, int) and isinstance(tree, Mapping)):
            tree = tree[part]
    value, (line, column) = str(tree[path[-1]]), tree.lc.value(path[-1])
    lines = text.splitlines(keepends=True)
    here = sum(map(len, lines[:line])) + column
    quote = text[here] if text[here] in "'\"" else ""
    if text[here] in "|>":  # the text begins on the next line
        here = text.index("\n", here)
    here += len(quote)
    behind = at > 0 and not value[at:].strip()  # the end of the text is right behind its last character
    wanted = sum(not character.isspace() for character in value[:at]) - behind
    while here < len(text) - 1:
        if (quote == '"' and text[here] == "\\") or (quote == "'" and text[here : here + 2] == "''"):
            here += 1
        if not text[here].isspace():
            if not wanted:
                break
            wanted -= 1
        here += 1
    before = text[: here + behind]
    here += behind
    return before.count("\n") + 1, here - before.rfind("\n")


def _no_yaml(error: MarkedYAMLError, name: str) -> NoYaml:
    problem = error.problem or error.context or ""
    unclosed = "unexpected end of stream" in problem
    mark = (unclosed and error.context_mark) or error.problem_mark or error.context_mark
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if isinstance(error, MaxDepthExceededError):
        return NoYaml(name, place, "this is nested too deeply")
    if isinstance(error, _Unusable):
        return NoYaml(name, place, problem)
    said = next((f": {words}" for pattern, words in _PROBLEMS if re.search(pattern, problem)), "")
    return NoYaml(name, place, f"this is no YAML{said}")
