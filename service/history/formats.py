"""As what the past is exported."""

from enum import StrEnum


class Format(StrEnum):
    """The kind of a file."""

    CSV = "csv"
    PARQUET = "parquet"
