"""What a predicate is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from service.model.alert import Evidence
from service.model.fact import Source, Verdict

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Predicate(Generic[S]):
    """One claim of a rule about a filing, a row, or rows together.

    ``test`` is what every filing pays for; ``stated`` is asked only to explain.
    """

    text: str  # as a person would write it in the rule
    test: Callable[[S], Verdict]
    stated: Callable[[S], tuple[str, tuple[Source, ...]]]  # what the filing says, and in which boxes

    def evidence(self, subject: S) -> Evidence:
        """The verdict on *subject* with what it rests on."""
        stated, sources = self.stated(subject)
        return Evidence(predicate=self.text, verdict=self.test(subject), stated=stated, sources=sources)
