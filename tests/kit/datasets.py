"""How tests reach the SEC's tables and their labels: the environment variable FORM4_DATASETS names their folder.

Nothing of them is copied here; without it, the tests that need it are skipped, and say so.
"""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

UNSET = "FORM4_DATASETS is not set: it names the folder with the SEC's tables, without which this is NOT tested"


def datasets() -> Path:
    """The folder; without one the test is skipped, with a wrong one it fails."""
    named = os.environ.get("FORM4_DATASETS")
    if not named:
        pytest.skip(UNSET)
    root = Path(named).resolve()
    if not (root / "2024q3_half").is_dir():
        raise pytest.UsageError(f"FORM4_DATASETS is {named}, which lacks the folder 2024q3_half")
    return root


def folder() -> Path:
    """Where the tables of half a quarter lie."""
    return datasets() / "2024q3_half"


def rows(table: str) -> Iterator[dict[str, str]]:
    """The rows of *table*, such as ``SUBMISSION``, of half a quarter."""
    with (folder() / f"{table}.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


def tickers() -> dict[str, int]:
    """Whose each ticker was in August 2025, by the SEC's list; as the list writes it."""
    listed = json.loads((datasets() / "company_tickers_20250824.json").read_bytes())
    return {one["ticker"]: one["cik_str"] for one in listed.values()}
