"""What the sections of the configuration file share: closed sets of keys, and faults that name their place."""

import difflib
import re
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, ValidationError

from service.model.errors import Fault

Path = tuple[str | int, ...]

_SECRET = re.compile(r"://|whsec_|\S{24,}")  # addresses, signing secrets, and whatever is longer than a name is


class Section(BaseModel):
    """A part of the configuration file; a key that it does not know is a fault, never passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def faults_of(error: ValidationError, section: type[Section], path: Path) -> list[Fault]:
    """What *error* found in the *section* that stands at *path*, in words; values are never repeated."""
    faults = []
    for found in error.errors(include_url=False, include_input=False):
        place = tuple(part for part in found["loc"] if part not in ("function-plain", "function-before"))
        message = found["msg"].removeprefix("Value error, ")
        if found["type"] == "extra_forbidden":
            message = unknown_key(str(place[-1]), section.model_fields)
        elif found["type"] == "missing":
            message = f"{place[-1]!r} is missing"
            place = place[:-1]
        elif found["type"] in ("model_type", "dict_type"):
            message = "settings must stand below this, each on its own line"
        faults.append(Fault((*path, *place), message))
    return faults


def unknown_key(key: str, known: Iterable[str]) -> str:
    """What to say of a *key* that is none of *known*."""
    names = sorted(known)
    close = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
    meant = f"; did you mean {shown(close[0])}?" if close else f"; known are {', '.join(map(_bare, names))}"
    return f"{shown(key)} is unknown here{meant}"


def shown(text: str) -> str:
    """*text* in quotes, unless it may be a secret that stands where a name should."""
    return "(not shown: it may be a secret)" if _SECRET.search(text) else repr(text)


def _bare(name: str) -> str:
    return shown(name).removeprefix("'").removesuffix("'")
