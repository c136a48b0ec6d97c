"""What a change has changed, field by field, in words."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from service.model.audit import Change
from service.words import eastern

_RESOURCE = frozenset({"rule", "watchlist", "channel"})
_SHOWN = ("name", "enabled", "file")  # of a resource, beside its settings
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", re.ASCII)
_MOST = 12  # items of a list that are named
_LONGEST = 300  # characters of a value


class FieldDifference(Struct, frozen=True, kw_only=True):
    """One field that is not as it was."""

    field: str
    before: str | None = None  # None: it was not set
    after: str | None = None  # None: it is not set any more
    added: str = ""  # of a list that stood there before and after; empty: nothing
    removed: str = ""


def differences(change: Change, names: Mapping[str, str]) -> list[FieldDifference]:
    """The fields that *change* has changed, by name; *names* has what people call the ids in it."""
    before, after = (_fields(change, side, names) for side in (change.before, change.after))
    fields = dict.fromkeys((*before, *after))
    return [
        _difference(name, before.get(name), after.get(name)) for name in fields if before.get(name) != after.get(name)
    ]


def ids(change: Change) -> set[str]:
    """The ids of what *change* may name."""
    return {text for side in (change.before, change.after) for text in _texts(side) if "_" in text}


def _fields(change: Change, side: Mapping[str, Any] | None, names: Mapping[str, str]) -> dict[str, Any]:
    if side is None:
        return {}
    if change.kind not in _RESOURCE:
        return {name: _named(value, names) for name, value in side.items()}
    stays = change.before is not None and change.after is not None  # else its name is told beside, and it is as usual
    shown = {name: side.get(name) for name in _SHOWN} if stays else {"file": side.get("file")}
    return {**shown, **{name: _named(value, names) for name, value in side.get("section", {}).items()}}


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Mapping):
        return {key: _named(inner, names) for key, inner in value.items()}
    return [_named(inner, names) for inner in value] if isinstance(value, list | tuple) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def _difference(name: str, before: Any, after: Any) -> FieldDifference:
    if isinstance(before, list) and isinstance(after, list):
        there, here = (list(map(_said, side)) for side in (before, after))
        new, gone = set(here) - set(there), set(there) - set(here)
        if new or gone:
            added, removed = ([one for one in side if one in of] for side, of in ((here, new), (there, gone)))
            return FieldDifference(field=name, added=_several(added), removed=_several(removed))
    return FieldDifference(
        field=name,
        before=None if before is None else _said(before),
        after=None if after is None else _said(after),
    )


def _said(value: Any) -> str:
    """*value* as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple) and all(isinstance(one, str | int | float) for one in value):
        return _several([_said(one) for one in value])
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return eastern(datetime.fromisoformat(value))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _several(items: Sequence[str]) -> str:
    more = len(items) - _MOST
    named = ", ".join(items[:_MOST])
    return f"{named} and {more:,} more" if more > 0 else named
