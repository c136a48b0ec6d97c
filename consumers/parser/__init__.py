"""Bytes to ownership documents. Pure: no I/O, no clock."""

from consumers.parser.document import Limits, parse
from service.model.errors import UnusableDocument

__all__ = ["Limits", "UnusableDocument", "parse"]
