"""Passwords that are tried: so many for one name, and so many from one address, until it takes patience."""

from service.clock import Clock
from service.web.rates import Rates

_FOR_A_NAME, _FROM_AN_ADDRESS, _WINDOW = 10, 30, 600.0  # all come back within ten minutes
_LONGEST = 100  # characters of a name that are told apart


class Tries:
    """What is left to whoever guesses, whether there is such a person or not; of this process alone."""

    def __init__(self, clock: Clock) -> None:
        self._names = Rates("sign-in", _FOR_A_NAME, _WINDOW, clock)
        self._addresses = Rates("sign-in", _FROM_AN_ADDRESS, _WINDOW, clock)

    def take(self, name: str, address: str) -> None:
        """Count a try; raises Refusal (429) where there were too many."""
        self._addresses.take(address)
        self._names.take(_folded(name))

    def back(self, name: str, address: str) -> None:
        """It was right, and is not counted."""
        self._addresses.back(address)
        self._names.back(_folded(name))


def _folded(name: str) -> str:
    return name.casefold()[:_LONGEST]
