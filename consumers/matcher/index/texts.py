"""Many short texts in few bytes."""

from array import array
from collections.abc import Iterator


class Texts:
    """Bytes by number, one behind the other in one piece of memory: 4 bytes each beside what they hold.

    Each as an object of its own would take 50 bytes more.
    """

    __slots__ = ("_bytes", "_ends")

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", [0])

    def add(self, text: bytes) -> None:
        """Add one; its number is the next."""
        self._bytes += text
        self._ends.append(len(self._bytes))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> bytes:
        return bytes(self._bytes[self._ends[number] : self._ends[number + 1]])

    def __iter__(self) -> Iterator[bytes]:
        return map(self.__getitem__, range(len(self)))
