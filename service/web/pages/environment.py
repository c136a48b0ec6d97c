"""Jinja2: everything in a template is escaped, and a name that is not given is an error, not an empty place."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service import words
from service.text import one_line
from service.web.pages import shapes
from service.web.static import Static
from service.words import sentence

_FOLDER = Path(__file__).parent.parent / "templates"


def environment(static: Static) -> Environment:
    """What fills templates: their filters, and ``static(name)`` for the address of a file."""
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "line": one_line,
        "sentence": sentence,
        "eastern": shapes.eastern,
        "ago": shapes.ago,
        "amount": shapes.amount,
        "dollars": shapes.dollars,
        "money": shapes.money,
        "price": shapes.price,
        "figure": shapes.figure,
        "lasted": words.lasted,
    }
    made.globals["static"] = static.url
    return made
