"""Kleene's three-valued logic: unknown joins as what could be either."""

from collections.abc import Iterable

from service.model.fact import Verdict

_TRUE, _FALSE, _UNKNOWN = Verdict.TRUE, Verdict.FALSE, Verdict.UNKNOWN


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """False where any is; true where all are; else unknown."""
    found = _TRUE
    for verdict in verdicts:
        if verdict is _FALSE:
            return _FALSE
        if verdict is _UNKNOWN:
            found = _UNKNOWN
    return found


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """True where any is; false where all are, or there is none; else unknown."""
    found = _FALSE
    for verdict in verdicts:
        if verdict is _TRUE:
            return _TRUE
        if verdict is _UNKNOWN:
            found = _UNKNOWN
    return found


def opposite(verdict: Verdict) -> Verdict:
    """True for false and false for true; what is unknown stays so."""
    if verdict is _UNKNOWN:
        return _UNKNOWN
    return _FALSE if verdict is _TRUE else _TRUE
