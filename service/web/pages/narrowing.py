"""What narrows a list, as it stands in an address: what cannot be read is told at its field, and narrows nothing."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import urlencode

from service.model.calendar import MIDNIGHT, at, ends

T = TypeVar("T")

_CURSOR = "cursor"


class Narrowing:
    """The query of a list's address."""

    def __init__(self, path: str, query: Mapping[str, str]) -> None:
        self._path = path
        self.typed = {name: value.strip() for name, value in query.items() if name != _CURSOR and value.strip()}
        self.faults: dict[str, str] = {}
        self.cursor = query.get(_CURSOR) or None

    def __bool__(self) -> bool:
        return bool(self.typed)

    def text(self, name: str) -> str:
        """What was typed; empty: nothing."""
        return self.typed.get(name, "")

    def read(self, name: str, reader: Callable[[str], T], otherwise: str) -> T | None:
        """What *reader* makes of what was typed; None: nothing was, or it raises ValueError: *otherwise* is told."""
        if name not in self.typed:
            return None
        try:
            return reader(self.typed[name])
        except ValueError:
            self.faults[name] = otherwise
            return None

    def since(self, name: str) -> datetime | None:
        """The first moment, in New York, of the day that was typed."""
        day = self.read(name, date.fromisoformat, "Write a day as 2026-11-25.")
        return at(day, MIDNIGHT) if day else None

    def through(self, name: str) -> datetime | None:
        """The first moment after that day."""
        day = self.read(name, date.fromisoformat, "Write a day as 2026-11-25.")
        return ends(day) if day else None

    def next(self, cursor: str | None) -> str | None:
        """The address of the next part; None: this was the last."""
        return None if cursor is None else self._address({_CURSOR: cursor})

    @property
    def address(self) -> str:
        """The address of this part, without fields in which nothing stands."""
        return self._address({} if self.cursor is None else {_CURSOR: self.cursor})

    @property
    def first(self) -> str | None:
        """The address of the first part; None: it is shown."""
        return None if self.cursor is None else self._address({})

    def _address(self, more: Mapping[str, str]) -> str:
        query = urlencode({**self.typed, **more})
        return f"{self._path}?{query}" if query else self._path
