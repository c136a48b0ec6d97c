"""The configuration file: YAML whose every fault is told with its file, line and column."""

import os
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError

from consumers.config import shown, unknown_key
from consumers.dispatcher.channels import Channel
from consumers.dispatcher.channels import load as load_channels
from consumers.dispatcher.operations import load as load_operations
from consumers.matcher.load import rules as load_rules
from consumers.matcher.load import watchlists as load_watchlists
from service.model.errors import ConfigError, Fault
from service.model.rule import Rule, Watchlist

T = TypeVar("T")

_SECTIONS = ("channels", "watchlists", "rules", "operations")
_TYPES = frozenset({"map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge"})  # of YAML's values
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# Of what ruamel says, as far as it quotes nothing but signs and YAML's own words (<block end>).
_SPEAKABLE = re.compile(r"""(?:[^'"]|'(?:<[a-z ]+>|[^\w\s'"\\]|\\t)')*""")

_Place = tuple[int, int]  # line and column, from 1


class Configuration(Struct, frozen=True, kw_only=True):
    """What the file configures."""

    channels: Mapping[str, Channel]
    rules: tuple[Rule, ...]
    watchlists: tuple[str, ...] = ()  # by name, whether or not a rule uses them
    operations: tuple[str, ...] = ()  # the channels that are told of the service itself

    @property
    def secrets(self) -> tuple[str, ...]:
        """What the channels must not show: their addresses, and what signs."""
        return tuple(secret for channel in self.channels.values() for secret in channel.secrets)

    @classmethod
    def nothing(cls) -> Self:
        """No channel and no rule."""
        return cls(channels={}, rules=())


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Configuration:
    """The configuration in the file at *path*; raises ConfigError that tells every fault and where it stands."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark before the text
    except FileNotFoundError:
        raise ConfigError(
            f"there is no configuration file {path}; write one (docs/rules.md shows how), or name it with --config"
        ) from None
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder; name the file") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is no text in UTF-8; name the YAML file, or save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    return parse(text, str(path), environment)


def parse(text: str, name: str, environment: Mapping[str, str]) -> Configuration:
    """The configuration in *text*; *name* stands for it in messages."""
    tree, refused = _tree(text, name)
    faults = [Fault((str(key),), unknown_key(str(key), _SECTIONS)) for key in tree if key not in _SECTIONS]
    unusable: list[Fault] = []
    plain = _expanded(tree, environment, (), unusable)
    channels = _loaded(lambda: load_channels(plain.get("channels")), faults) or {}
    known = channels.keys() | _names(plain.get("channels"))
    lists = _loaded(lambda: load_watchlists(plain.get("watchlists")), faults) or {}
    named = {name: Watchlist(name=name) for name in _names(plain.get("watchlists"))} | lists
    rules = _loaded(lambda: load_rules(plain.get("rules"), named, known), faults) or ()
    operations = _loaded(lambda: load_operations(plain.get("operations"), known), faults) or ()
    if plain.get("rules") in (None, {}) and set(plain) <= set(_SECTIONS):
        faults.append(Fault(("rules",), "there are no rules, so it would never alert; add some below 'rules:'"))
    faults = unusable + [fault for fault in faults if not any(_within(fault, other) for other in unusable)]
    if faults or refused:
        raise ConfigError(_told(tree, name, faults, refused), tuple(faults))
    return Configuration(channels=channels, rules=rules, watchlists=tuple(lists), operations=operations)


def _loaded(load: Callable[[], T], faults: list[Fault]) -> T | None:
    """What *load* makes; None: it found faults, which are added to *faults*."""
    try:
        return load()
    except ConfigError as error:
        faults += error.faults
        return None


def _within(fault: Fault, other: Fault) -> bool:
    """Whether *fault* is of what *other* has already found unusable."""
    return fault.path[: len(other.path)] == other.path


def _told(tree: Any, name: str, faults: list[Fault], refused: list[tuple[_Place, str]]) -> str:
    places = sorted({*refused, *((_place(tree, fault.path), fault.message) for fault in faults)})  # aliases repeat them
    lines = [f"{name}:{line}:{column}: {message}" for (line, column), message in places]
    return "\n  ".join(["the configuration cannot be used:", *lines])


def _names(section: Any) -> set[str]:
    """What a section names, even where it cannot be used: what refers to it is no fault as well."""
    return set(section) if isinstance(section, dict) else set()


class _Unusable(ConstructorError):
    """YAML, but none that can mean anything here; the problem is in our words."""


class _Constructor(RoundTripConstructor):
    """Makes the tree and notes keys that cannot be used; ruamel's own messages would repeat their values."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.refused: list[tuple[_Place, str]] = []

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
            raise _Unusable(None, None, "tags (such as !this) mean nothing here; take it away", node.start_mark)
        try:
            value = super().construct_object(node, deep)
            if isinstance(value, int):
                str(value)  # Python refuses thousands of digits, here rather than in a message
        except (ValueError, LookupError, TypeError):
            problem = "this value is not what it looks like; put it in quotes"
            raise _Unusable(None, None, problem, node.start_mark) from None
        return value


def _tree(text: str, name: str) -> tuple[Mapping[Any, Any], list[tuple[_Place, str]]]:
    """What *text* says, and which of its keys cannot be used. No message repeats a value, since any can be a secret."""
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    yaml.max_depth = 100
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they print the lines they speak of
            tree = yaml.load(text)
    except MarkedYAMLError as error:
        raise ConfigError(_no_yaml(error, text, name)) from None
    except ReaderError as error:
        before = text[: error.position]
        place = f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
        raise ConfigError(f"{name}:{place}: a control character stands here, so this is no YAML") from None
    except YAMLError:
        raise ConfigError(f"{name}:1:1: this is no YAML") from None
    if not isinstance(tree, Mapping):
        raise ConfigError(f"{name}:1:1: the file must have the keys {', '.join(_SECTIONS)}")
    return tree, yaml.constructor.refused


def _no_yaml(error: MarkedYAMLError, text: str, name: str) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    hint = '; put thresholds in quotes: ">= 100k"' if re.search(r":\s*[><]", line) else ""
    if isinstance(error, MaxDepthExceededError):
        return f"{name}:{place}: this is nested too deeply"
    if isinstance(error, _Unusable):
        return f"{name}:{place}: {error.problem}"
    said = _SPEAKABLE.match(error.problem or error.context or "")
    problem = re.sub(r"(,? but (found|got))?[\s:(]*$", "", said[0] if said else "")
    return f"{name}:{place}: this is no YAML: {problem}{hint}"


def _expanded(value: Any, environment: Mapping[str, str], path: tuple[str | int, ...], faults: list[Fault]) -> Any:
    """*value* as plain lists, dicts and scalars, with ``${NAME}`` replaced from *environment*."""
    if isinstance(value, Mapping):
        return {str(key): _expanded(item, environment, (*path, str(key)), faults) for key, item in value.items()}
    if isinstance(value, list):
        return [_expanded(item, environment, (*path, index), faults) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    def variable(match: re.Match[str]) -> str:
        found = environment.get(match[1])
        fault = Fault(path, f"the environment variable {match[1]} is not set")
        if found is None and fault not in faults:
            faults.append(fault)
        return found or ""

    return _VARIABLE.sub(variable, value)


def _place(tree: Any, path: tuple[str | int, ...]) -> _Place:
    """The line and column, from 1, of the last part of *path* that stands in the file."""
    line = column = 0
    for part in path:
        try:
            key = part if isinstance(part, int) else next(key for key in tree if str(key) == part)
            line, column = tree.lc.item(key) if isinstance(part, int) else tree.lc.key(key)
            tree = tree[key]
        except (KeyError, IndexError, TypeError, AttributeError, StopIteration):
            break
    return line + 1, column + 1
