"""docs/topics.md taken apart: under each heading, the files it prints and the commands that run them."""

import re

from msgspec import Struct

from tests.kit.places import DOCS

PAGE = DOCS / "topics.md"
ADDRESS = "127.0.0.1:9092"  # as the page has it

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_FILE = re.compile(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(Struct, frozen=True, kw_only=True):
    """What one section prints."""

    files: dict[str, str]  # by name
    commands: list[str]  # blocks for the shell, in their order


def examples() -> dict[str, Example]:
    """The examples of the page, by heading."""
    _, *parts = _SECTION.split(PAGE.read_text())
    sections = zip(parts[::2], parts[1::2], strict=True)
    found = {
        name: Example(files=dict(_FILE.findall(text)), commands=_COMMANDS.findall(text)) for name, text in sections
    }
    return {name: example for name, example in found.items() if example.commands}
