"""One rule as a person types it in YAML: what it says, and at which line and column each fault stands."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from consumers.language import yamlfile
from consumers.language.groups import RuleSection
from consumers.language.sections import Path
from consumers.language.yamlfile import NoYaml
from service.model.errors import Fault


class Placed(Struct, frozen=True, kw_only=True):
    """What is wrong in a text, and where."""

    line: int  # from 1
    column: int  # from 1
    path: Path  # the keys and indexes that lead there; empty: no key of the rule
    message: str


class Draft:
    """A text. Its settings may stand below the rule's name, as `filingbell rules show` prints them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._below: Path = ()
        self._tree: Any = {}
        self.name: str | None = None  # None: the text does not say it
        self.content: dict[str, Any] = {}
        self.unreadable: Sequence[Placed] = ()  # then nothing else is known of it
        try:
            self._read()
        except NoYaml as error:
            self.unreadable = (_placed(error.place, (), error.problem),)

    def _read(self) -> None:
        tree, refused = yamlfile.read(self._text, "rule")
        plain = {} if tree is None else yamlfile.plain(tree)
        if refused:
            self.unreadable = tuple(_placed(place, (), message) for place, message in refused)
        elif not isinstance(plain, dict):
            self.unreadable = (_placed((1, 1), (), "settings stand here, each on its own line: kinds: purchase"),)
        else:
            self._tree, self.content = tree or {}, plain
            if (name := _name_above(plain)) is not None:
                self.name, self._below, self.content = name, (name,), plain[name]

    def placed(self, faults: Sequence[Fault]) -> list[Placed]:
        """*faults*, whose paths begin at the rule, where they stand in the text."""
        found = {}
        for fault in faults:
            path = (*self._below, *fault.path)
            place = (
                yamlfile.place_of(self._tree, path)
                if fault.at is None
                else yamlfile.place_within(self._text, self._tree, path, fault.at)
            )
            found[place, fault.message] = _placed(place, fault.path, fault.message)
        return [found[key] for key in sorted(found)]


def _placed(place: tuple[int, int], path: Path, message: str) -> Placed:
    return Placed(line=place[0], column=place[1], path=path, message=message)


def _name_above(plain: Mapping[str, Any]) -> str | None:
    """The name below which all settings stand; None: they stand by themselves."""
    if len(plain) != 1:
        return None
    ((name, settings),) = plain.items()
    return name if isinstance(settings, dict) and name not in RuleSection.keys() else None  # noqa: SIM118
