"""Lists in statements, `x IN (...)`, come in few lengths: each length is a statement of its own.

A database prepares each statement, and each connection keeps the latest hundred. Lists of every length would fill that
with one question in hundreds of lengths (100 KB each, for some hundred values), and drive out what is asked often.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

_MOST = 1024  # values; longer lists are rare, and databases limit them


def pad_lists(dialect: Dialect) -> None:
    """Let *dialect* repeat a list's last value up to the next power of two, which changes nothing of what is meant."""
    compiler = dialect.statement_compiler
    dialect.statement_compiler = type("Padding", (_Padding, compiler), {})


def padded(values: Sequence[Any]) -> Sequence[Any]:
    """*values*, of which the last may come again."""
    count = len(values)
    if not count or count > _MOST:
        return values
    return [*values, *[values[-1]] * ((1 << (count - 1).bit_length()) - count)]


class _Padding(SQLCompiler):
    """Where SQLAlchemy puts the values of a list in its place."""

    def _literal_execute_expanding_parameter(
        self, name: str, parameter: Any, values: Sequence[Any], **options: Any
    ) -> Any:
        return super()._literal_execute_expanding_parameter(name, parameter, padded(values), **options)  # type: ignore[no-untyped-call]
