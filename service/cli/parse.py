"""``parse``: what a form says."""

import sys
from pathlib import Path

import typer

from consumers.parser.document import parse as parse_document
from service.cli import form
from service.cli.screen import Screen
from service.model.errors import ConfigError, UnusableDocument
from service.text import one_line
from service.wire import encode


def parse(file: str, *, as_json: bool) -> None:
    """Show the document in *file*."""
    try:
        document = parse_document(read(file))
    except UnusableDocument as error:
        print(one_line(f"filingbell: {file}: {error} ({error.reason})"), file=sys.stderr)
        raise typer.Exit(1) from error
    if as_json:
        sys.stdout.write(encode(document).decode() + "\n")
        return
    form.show(document, Screen())


def read(file: str) -> bytes:
    """The bytes of *file*, or of standard input for ``-``; raises ConfigError if it cannot be read."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
