"""The little Markdown that helps are written in, as data for a template: nothing in it becomes markup by itself."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

_SPAN = re.compile(
    r"\*\*(?P<strong>[^*]+)\*\*|\*(?P<em>[^*]+)\*|`(?P<code>[^`]+)`|\[(?P<label>[^\]]+)\]\((?P<to>https://[^)\s]+)\)"
)
_ITEM = re.compile(r"(?:\d+\.|-) ")


class Span(Struct, frozen=True, kw_only=True):
    """A piece of a line."""

    kind: str  # text, strong, em, code or link
    text: str
    to: str = ""  # of a link


class Block(Struct, frozen=True, kw_only=True):
    """A heading, a paragraph or a list."""

    kind: str  # h2, p, ol or ul
    parts: tuple[tuple[Span, ...], ...]  # of a list its items, else one


def blocks(markdown: str) -> list[Block]:
    """What *markdown* says: headings, paragraphs, lists of lines; in them strong, em, code and links to https."""
    return [_block([line.strip() for line in part.splitlines()]) for part in markdown.strip().split("\n\n")]


def _block(lines: Sequence[str]) -> Block:
    if lines[0].startswith("## "):
        return Block(kind="h2", parts=(tuple(_spans(lines[0].removeprefix("## "))),))
    if not _ITEM.match(lines[0]):
        return Block(kind="p", parts=(tuple(_spans(" ".join(lines))),))
    items: list[str] = []
    for line in lines:
        if mark := _ITEM.match(line):
            items.append(line[mark.end() :])
        else:
            items[-1] += f" {line}"
    return Block(kind="ul" if lines[0].startswith("- ") else "ol", parts=tuple(tuple(_spans(item)) for item in items))


def _spans(text: str) -> Iterator[Span]:
    at = 0
    for found in _SPAN.finditer(text):
        if found.start() > at:
            yield Span(kind="text", text=text[at : found.start()])
        at = found.end()
        if found["to"]:
            yield Span(kind="link", text=found["label"], to=found["to"])
        else:
            kind = found.lastgroup or "text"
            yield Span(kind=kind, text=found[kind])
    if at < len(text):
        yield Span(kind="text", text=text[at:])
