"""How long to wait before the same is tried again."""

from datetime import timedelta

_ENOUGH = 20  # tries; whatever is longer then is longer than anybody waits


def backoff(first: timedelta, tries: int, longest: timedelta, factor: float = 2.0) -> timedelta:
    """*first* after no earlier try, *factor* times as long after each, *longest* at most."""
    return min(first * factor ** min(tries, _ENOUGH), longest)
