"""Documents as the parser reads them whole."""

from consumers.parser.document import parse


def only_row(data: bytes):
    """The one row of the document in *data*."""
    (row,) = (*(document := parse(data)).non_derivative_table, *document.derivative_table)
    return row


def flags(data: bytes) -> list[str]:
    """What is odd in the document in *data*."""
    return [str(flag.code) for flag in parse(data).flags]
