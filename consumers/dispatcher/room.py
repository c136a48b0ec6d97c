"""What fits: text and lists within a service's limits, cut where it does no harm."""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

_BROKEN = re.compile(r"[$\d.,(-]+\Z")  # what is left of a number that was cut: another one


def units(text: str) -> int:
    """The length of *text* as services may count it, at the most: an emoji is two (UTF-16)."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """*text* within *limit* units: cut between two words, never within a number, with an ellipsis."""
    if units(text) <= limit:
        return text
    short = text[: limit - 1]
    while units(short) > limit - 1:
        short = short[:-1]
    if not text[len(short)].isspace():
        words, _, word = short.rpartition(" ")
        short = words if words and units(word) < limit / 2 else _BROKEN.sub("", short)
    return short.rstrip() + "…"


def fitting(items: Iterable[T], limit: int, size: Callable[[T], int]) -> tuple[list[T], int]:
    """The first of *items* whose sizes keep within *limit* together, and how many are left out."""
    kept: list[T] = []
    every = list(items)
    for item in every:
        limit -= size(item)
        if limit < 0:
            break
        kept.append(item)
    return kept, len(every) - len(kept)
