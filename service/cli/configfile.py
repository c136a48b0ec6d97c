"""The configuration file: YAML whose every fault is told with its file, line and column."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from consumers.config import unknown_key
from consumers.dispatcher.channels import Channel
from consumers.dispatcher.channels import load as load_channels
from consumers.dispatcher.operations import load as load_operations
from consumers.matcher.load import rules as load_rules
from consumers.matcher.load import watchlists as load_watchlists
from service.model.errors import ConfigError, Fault
from service.model.rule import Rule

_SECTIONS = ("channels", "watchlists", "rules", "operations")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Configuration(Struct, frozen=True, kw_only=True):
    """What the file configures."""

    channels: Mapping[str, Channel]
    rules: tuple[Rule, ...]
    operations: tuple[str, ...] = ()  # the channels that are told of the service itself

    @classmethod
    def nothing(cls) -> Self:
        """No channel and no rule."""
        return cls(channels={}, rules=())


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Configuration:
    """The configuration in the file at *path*; raises ConfigError that tells every fault and where it stands."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"there is no configuration file {path}; write one (the README shows how), or name it with --config"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    return parse(text, str(path), environment)


def parse(text: str, name: str, environment: Mapping[str, str]) -> Configuration:
    """The configuration in *text*; *name* stands for it in messages."""
    tree = _tree(text, name)
    faults = [Fault((str(key),), unknown_key(str(key), _SECTIONS)) for key in tree if key not in _SECTIONS]
    plain = _expanded(tree, environment, (), faults)
    channels: dict[str, Channel] = {}
    made: tuple[Rule, ...] = ()
    told: tuple[str, ...] = ()
    lists = {}
    try:
        channels = load_channels(plain.get("channels"))
    except ConfigError as error:
        faults += error.faults
    try:
        lists = load_watchlists(plain.get("watchlists"))
    except ConfigError as error:
        faults += error.faults
    named = plain.get("channels")
    known = channels.keys() | (named.keys() if isinstance(named, dict) else ())
    try:
        made = load_rules(plain.get("rules"), lists, known)
    except ConfigError as error:
        faults += [fault for fault in error.faults if "watchlist" not in fault.path or lists or not faults]
    try:
        told = load_operations(plain.get("operations"), known)
    except ConfigError as error:
        faults += error.faults
    if faults:
        places = sorted(((_place(tree, fault.path), fault.message) for fault in faults), key=lambda found: found[0])
        lines = [f"{name}:{line}:{column}: {message}" for (line, column), message in places]
        raise ConfigError("\n  ".join(["the configuration cannot be used:", *lines]), tuple(faults))
    if not made:
        raise ConfigError(f"{name} has no rules, so it would never alert; add some below 'rules:'")
    return Configuration(channels=channels, rules=made, operations=told)


def _tree(text: str, name: str) -> Mapping[Any, Any]:
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
        hint = '; put thresholds in quotes: ">= 100k"' if re.search(r":\s*[><]", line) else ""
        raise ConfigError(f"{name}:{place}: this is no YAML: {error.problem or error.context}{hint}") from error
    except YAMLError as error:
        raise ConfigError(f"{name}: this is no YAML: {error}") from error
    if not isinstance(tree, Mapping):
        raise ConfigError(f"{name}:1:1: the file must have the keys {', '.join(_SECTIONS)}")
    return tree


def _expanded(value: Any, environment: Mapping[str, str], path: tuple[str | int, ...], faults: list[Fault]) -> Any:
    """*value* as plain lists and dicts, with ``${NAME}`` replaced from *environment*."""
    if isinstance(value, Mapping):
        return {str(key): _expanded(item, environment, (*path, str(key)), faults) for key, item in value.items()}
    if isinstance(value, list):
        return [_expanded(item, environment, (*path, index), faults) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    def variable(match: re.Match[str]) -> str:
        found = environment.get(match[1])
        if found is None:
            faults.append(Fault(path, f"the environment variable {match[1]} is not set"))
        return found or ""

    return _VARIABLE.sub(variable, value)


def _place(tree: Any, path: tuple[str | int, ...]) -> tuple[int, int]:
    """The line and column, from 1, of the last part of *path* that stands in the file."""
    line = column = 0
    for part in path:
        try:
            line, column = tree.lc.item(part) if isinstance(part, int) else tree.lc.key(part)
            tree = tree[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line + 1, column + 1
