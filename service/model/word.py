"""Closed words that say what they mean, wherever they are shown."""

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A word of a closed list, and what it means; its members are given as both."""

    meaning: str  # one sentence for a person, without a full stop

    def __new__(cls, value: str, meaning: str) -> Self:
        """A word and what it means."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member
