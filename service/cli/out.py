"""JSON on standard output: what ``--json`` prints where it is not a line for each event."""

import sys
from typing import Any

import orjson


def print_json(value: Any) -> None:
    """Print *value*, indented; times are ISO, in UTC with the offset."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")
