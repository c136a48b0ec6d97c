"""Documents as the parser reads them whole."""

from typing import Any

from consumers.parser.document import parse


def only_row(data: bytes) -> Any:
    """The one row of the document in *data*, whose boxes depend on its table."""
    document = parse(data)
    rows: list[Any] = [*document.non_derivative_table, *document.derivative_table]
    (row,) = rows
    return row


def flags(data: bytes) -> list[str]:
    """What is odd in the document in *data*."""
    return [str(flag.code) for flag in parse(data).flags]
