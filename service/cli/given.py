"""What a person gives with a command: KEY=VALUE, a file, what is piped in."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from consumers import configuration as configfile
from consumers.language.sections import shown as in_quotes
from service.model.errors import ConfigError


def settings_of(name: str, given: Sequence[str], file: str | None, before: dict[str, Any]) -> dict[str, Any]:
    """The settings of *file*, or *before*, with *given*; raises ConfigError where they cannot be read."""
    content = dict(before if file is None else _read(file, name))
    for key, value in _pairs(given):
        if value:
            content[key] = _value(key, value)
        elif key in content:
            del content[key]
        elif before:
            raise ConfigError(f"{key}= removes a setting that is not there; there are: {', '.join(content)}")
    return content


def _pairs(given: Sequence[str]) -> Iterator[tuple[str, str]]:
    seen = set()
    for setting in given:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise ConfigError(f"{in_quotes(setting)}: write KEY=VALUE, such as kinds=purchase or 'value=>= $100k'")
        if key in seen:
            raise ConfigError(f"{key}= is given twice; several values are written '{key}=[one, other]'")
        seen.add(key)
        yield key, value


def _value(key: str, text: str) -> Any:
    return configfile.settings(text, f"{key}=") if text[0] in "[{" or text in ("true", "false") else text


def _read(file: str, name: str) -> dict[str, Any]:
    """The settings in *file*, which may stand below *name* there, as ``show`` prints them."""
    if file == "-":
        source, text = "standard input", standard_input()
    else:
        source, text = file, configfile.text_of(Path(file), f"there is no file {file}")
    content = configfile.settings(text, source)
    if isinstance(content, dict) and content.keys() == {name} and isinstance(content[name], dict):
        content = content[name]
    if not isinstance(content, dict):
        raise ConfigError(f"{source}: expected settings, one a line, such as kinds: purchase")
    return content


def standard_input() -> str:
    """What is piped in; raises ConfigError where it is no text."""
    try:
        return "" if sys.stdin is None else sys.stdin.read()
    except UnicodeDecodeError:
        raise ConfigError("standard input is not text in UTF-8") from None
