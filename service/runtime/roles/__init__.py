"""The loops of each role, a module each: a process loads those of its own roles alone."""

from collections.abc import Awaitable, Callable, Iterator
from typing import TypeAlias

Loops: TypeAlias = Iterator[tuple[str, Callable[[], Awaitable[None]]]]  # each with its name
