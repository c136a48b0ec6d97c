"""Bytes to ownership documents. Pure: no I/O, no clock."""

from consumers.parser.document import parse
from consumers.parser.limits import Limits
from service.model.errors import UnusableDocument

__all__ = ["Limits", "UnusableDocument", "parse"]
