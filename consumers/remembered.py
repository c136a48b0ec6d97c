"""What is made of a text, kept for the last ones: filers write the same again and again."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")

_LONGEST = 1_000  # characters: EDGAR takes no longer footnote


def remembered(kept: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Keep what a function makes of the last *kept* texts, but of none that is longer than a footnote can be."""

    def keeping(made: Callable[[str], T]) -> Callable[[str], T]:
        known = lru_cache(kept)(made)

        @wraps(made)
        def of(text: str) -> T:
            return known(text) if len(text) <= _LONGEST else made(text)

        return of

    return keeping
