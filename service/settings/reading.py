"""The settings of this process's environment."""

import os
import re
from functools import cache

import structlog
from pydantic import ValidationError

from service.model.errors import ConfigError
from service.settings.model import PREFIX, Settings
from service.words import nearest

log = structlog.get_logger()

_OTHERS = re.compile(r"IMAGE|SINK_SECRET|DEMO_(SINK|SECRET)|TEST_.*")  # no settings, but of compose, sink, demo, tests


def load() -> Settings:
    """The settings of the environment; raises ConfigError that names every variable at fault."""
    try:
        settings = Settings()
    except ValidationError as error:
        lines = []
        for found in error.errors(include_url=False, include_input=False):
            name = f"{PREFIX}{str(found['loc'][0]).upper()}: " if found["loc"] else ""
            lines.append(f"{name}{_in_words(name, found['msg'])}")
        raise ConfigError("\n".join(lines)) from error
    for name in sorted(os.environ):
        field = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and field.lower() not in Settings.model_fields and not _OTHERS.fullmatch(field):
            close = nearest(field, Settings.model_fields)
            _ignored(name, f"{PREFIX}{close.upper()}" if close else None)
    return settings


_PLAINLY = (
    ("greater than or equal to", "at least"),
    ("less than or equal to", "at most"),
    ("greater than", "more than"),
    ("a valid integer", "a whole number"),
    ("a valid number", "a number"),
)


def _in_words(name: str, message: str) -> str:
    """What pydantic says of the value of *name*, as said to an operator."""
    message = message.removeprefix("Value error, ").replace("Input should be", "must be")
    if "unable to parse" in message and name.endswith("_BYTES: "):
        return "write a number of bytes, such as 8388608 (8 MiB)"
    for said, plain in _PLAINLY:
        message = message.replace(said, plain)
    return re.sub(r", unable to parse.*", ", such as 5", message)


@cache  # said once, however often the settings are loaded
def _ignored(name: str, meant: str | None) -> None:
    log.warning("setting_ignored", name=name, **({"meant": meant} if meant else {}))
