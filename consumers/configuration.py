"""The configuration file: YAML whose every fault is told with its file, line and column."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from msgspec import Struct

from consumers.dispatcher.channels import Channel
from consumers.dispatcher.channels import load as load_channels
from consumers.language import yamlfile
from consumers.language.operations import load as load_operations
from consumers.language.rules import rules as load_rules
from consumers.language.rules import watchlists as load_watchlists
from consumers.language.sections import unknown_key
from consumers.language.yamlfile import Place
from service.model.errors import ConfigError, Fault
from service.model.rule import Rule, Watchlist
from service.model.tickers import Tickers

T = TypeVar("T")

_SECTIONS = ("channels", "watchlists", "rules", "operations")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Sections(dict[str, Any]):
    """The sections of a file, secrets included: it shows nothing but their names."""

    def __repr__(self) -> str:
        """The names."""
        return f"Sections({', '.join(self)})"


class Configuration(Struct, frozen=True, kw_only=True):
    """What the file configures."""

    channels: Mapping[str, Channel]
    rules: tuple[Rule, ...]
    watchlists: tuple[Watchlist, ...] = ()  # whether or not a rule uses them
    operations: tuple[str, ...] = ()  # the channels that are told of the service itself
    sections: Sections = Sections()  # as written, with variables replaced

    @property
    def secrets(self) -> tuple[str, ...]:
        """What the channels must not show: their addresses, and what signs."""
        return tuple(secret for channel in self.channels.values() for secret in channel.secrets)

    @classmethod
    def nothing(cls) -> Self:
        """No channel and no rule."""
        return cls(channels={}, rules=())


def load(path: Path, environment: Mapping[str, str] = os.environ, listed: Tickers | None = None) -> Configuration:
    """The configuration in the file at *path*; raises ConfigError that tells every fault and where it stands.

    Tickers stand for the companies that *listed* says; None: the symbol box alone finds them.
    """
    missing = (
        f"there is no configuration file {path}; `filingbell init` writes a first one, or name yours with --config"
    )
    return parse(text_of(path, missing), str(path), environment, listed)


def text_of(path: Path, missing: str) -> str:
    """What the file at *path* says; raises ConfigError where it is *missing*, which says so, or is not text."""
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors put a mark before the text
    except FileNotFoundError:
        raise ConfigError(missing) from None
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder; name the file") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not text in UTF-8: save it as that") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None


def settings(text: str, name: str, environment: Mapping[str, str] = os.environ) -> Any:
    """What *text*, a part of a configuration file, says, with variables replaced; *name* stands for it in messages.

    Raises ConfigError with every fault.
    """
    tree, refused = yamlfile.read(text, name)
    faults: list[Fault] = []
    plain = _expanded(tree, environment, (), faults)
    if faults or refused:
        raise ConfigError(_told(text, tree, name, faults, refused), tuple(faults))
    return plain


def parse(text: str, name: str, environment: Mapping[str, str], listed: Tickers | None = None) -> Configuration:
    """The configuration in *text*; *name* stands for it in messages."""
    tree, refused = yamlfile.read(text, name)
    if not isinstance(tree, Mapping):
        raise ConfigError(f"{name}:1:1: the file needs channels: and rules:; watchlists: and operations: are optional")
    faults = [Fault((str(key),), unknown_key(str(key), _SECTIONS, "the file")) for key in tree if key not in _SECTIONS]
    unusable: list[Fault] = []
    plain = _expanded(tree, environment, (), unusable)
    channels = _loaded(lambda: load_channels(plain.get("channels")), faults) or {}
    known = channels.keys() | _names(plain.get("channels"))
    lists = _loaded(lambda: load_watchlists(plain.get("watchlists")), faults) or {}
    if listed is not None:
        lists = {name: entries.with_placed(listed.placed(entries.every_ticker)) for name, entries in lists.items()}
    named = {name: Watchlist(name=name) for name in _names(plain.get("watchlists"))} | lists
    rules = _loaded(lambda: load_rules(plain.get("rules"), named, known), faults) or ()
    operations = _loaded(lambda: load_operations(plain.get("operations"), known), faults) or ()
    if plain.get("rules") in (None, {}) and set(plain) <= set(_SECTIONS):
        faults.append(Fault(("rules",), "there are no rules, so it would never alert; add some below 'rules:'"))
    faults = unusable + [fault for fault in faults if not any(_within(fault, other) for other in unusable)]
    if faults or refused:
        raise ConfigError(_told(text, tree, name, faults, refused), tuple(faults))
    return Configuration(
        channels=channels,
        rules=rules,
        watchlists=tuple(lists.values()),
        operations=operations,
        sections=Sections(plain),
    )


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


def _told(text: str, tree: Any, name: str, faults: list[Fault], refused: list[tuple[Place, str]]) -> str:
    found = {(_place(text, tree, fault), fault.message) for fault in faults}  # aliases repeat them
    places = sorted({*refused, *found})
    lines = [f"{name}:{line}:{column}: {message}" for (line, column), message in places]
    return "\n  ".join(["the configuration cannot be used:", *lines])


def _place(text: str, tree: Any, fault: Fault) -> Place:
    if fault.at is None:
        return yamlfile.place_of(tree, fault.path)
    return yamlfile.place_within(text, tree, fault.path, fault.at)


def _names(section: Any) -> set[str]:
    """What a section names, even where it cannot be used: what refers to it is no fault as well."""
    return set(section) if isinstance(section, dict) else set()


def _expanded(value: Any, environment: Mapping[str, str], path: tuple[str | int, ...], faults: list[Fault]) -> Any:
    """*value* as plain lists, dicts and scalars, with ``${NAME}`` replaced from *environment*."""

    def replaced(text: str, path: tuple[str | int, ...]) -> str:
        def variable(match: re.Match[str]) -> str:
            found = environment.get(match[1])
            fault = Fault(path, f"the environment variable {match[1]} is not set")
            if found is None and fault not in faults:
                faults.append(fault)
            return found or ""

        return _VARIABLE.sub(variable, text)

    return yamlfile.plain(value, path, replaced)
