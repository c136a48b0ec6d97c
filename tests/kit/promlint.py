"""The rules of ``promtool check metrics``; ``deploy/check.sh`` asks promtool itself."""

import re
from collections.abc import Iterator

_BASES = {
    "seconds": ("minutes", "hours", "days", "weeks", "milliseconds", "microseconds", "nanoseconds"),
    "bytes": ("bits", "kilobytes", "megabytes", "gigabytes", "kibibytes", "mebibytes", "gibibytes"),
    "meters": ("kilometers", "miles", "feet"),
    "celsius": ("kelvin", "fahrenheit"),
    "ratio": ("percent",),
}
_UNITS = {unit: base for base, units in _BASES.items() for unit in units}
_SHORT = frozenset({"s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"})
_TYPES = frozenset({"counter", "gauge", "histogram", "summary"})


def faults(exposition: str) -> list[str]:
    """What is wrong with the names, units and types of *exposition*, a fault a line."""
    helped = set(re.findall(r"^# HELP (\S+) \S", exposition, re.MULTILINE))
    return [
        f"{name}: {fault}"
        for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", exposition, re.MULTILINE)
        for fault in (*_faults(name, kind), *([] if name in helped else ["it has no help"]))
    ]


def _faults(name: str, kind: str) -> Iterator[str]:
    words = name.split("_")
    yield from (f"use {_UNITS[word]} instead of {word}" for word in words if word in _UNITS)
    yield from (f"{word} is short for a unit" for word in words if word in _SHORT)
    if kind == "counter" and words[-1] != "total":
        yield "a counter ends in _total"
    if kind != "counter" and words[-1] == "total":
        yield f"a {kind} does not end in _total"
    if kind not in ("histogram", "summary") and words[-1] in ("bucket", "count", "sum"):
        yield f"a {kind} does not end in _{words[-1]}"
    if _TYPES.intersection(words):
        yield "its type does not belong in the name"
    if not re.fullmatch(r"[a-z0-9_]+", name):
        yield "write it in snake case"
    if words[-1] == "created":
        yield "doubles a series"
