"""The name that others rely on stays, and costs nothing until it is used."""

import subprocess
import sys

import pytest

import consumers.parser
from consumers.parser import parse
from tests.kit.builders import an_ownership_xml


def test_the_parser_is_imported_from_the_package() -> None:
    """As documented: `from consumers.parser import parse`."""
    assert "EXMP" in parse(an_ownership_xml()).issuer.symbols


def test_the_package_alone_loads_no_parser() -> None:
    """Commands that read no filing start quickly."""
    code = "import sys, consumers.parser; print('lxml' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "False" == told.stdout.strip()


def test_what_is_not_there_is_told() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="has no attribute 'unparse'"):
        consumers.parser.unparse  # noqa: B018
