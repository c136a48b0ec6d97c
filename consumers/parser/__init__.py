"""Bytes to ownership documents. Pure: no I/O, no clock.

``from consumers.parser import parse`` is what others may rely on; it loads the parser when it is asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from consumers.parser.document import parse

__all__ = ["parse"]


def __getattr__(name: str) -> Any:
    """``parse``, loaded on first use: commands that read no filing start without the parser."""
    if name != "parse":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from consumers.parser.document import parse  # noqa: PLC0415

    return parse
