"""A message as its service shows it, read from the very body that is sent: what is a heading, a text, a link.

Nothing here knows what a message was made of. So what a body does not say, nobody sees.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from email import message_from_bytes
from email.policy import default
from enum import StrEnum
from typing import Any

import orjson
from msgspec import Struct

from consumers.dispatcher.post import Mail, Notification, Parcel

_BOLD = re.compile(r"\*(.+)\*", re.DOTALL)
_STRONG = re.compile(r"\*\*(.+)\*\*", re.DOTALL)
_LINK = re.compile(r"<(https?://[^|>]+)\|([^>]+)>")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class How(StrEnum):
    """How a part is shown."""

    HEADLINE = "headline"
    HEADING = "heading"
    TEXT = "text"
    SMALL = "small"
    LINK = "link"
    CODE = "code"  # for programs


class SeenPart(Struct, frozen=True, kw_only=True):
    """A part of a message, from top to bottom."""

    how: How
    text: str
    url: str | None = None  # of a link


def seen(parcel: Parcel) -> list[SeenPart]:
    """What whoever gets *parcel* sees."""
    if isinstance(parcel, Mail):
        return list(_mail(parcel.body))
    if isinstance(parcel, Notification):
        return list(_notification(parcel))
    try:
        content = orjson.loads(parcel.body)
    except orjson.JSONDecodeError:
        return [SeenPart(how=How.TEXT, text=parcel.body.decode(errors="replace"))]
    if isinstance(content, dict):
        for key, reader in _BY_KEY.items():
            if key in content:
                return list(reader(content))
    return [SeenPart(how=How.CODE, text=orjson.dumps(content, option=orjson.OPT_INDENT_2).decode())]


def _notification(message: Notification) -> Iterator[SeenPart]:
    first, *rest = message.body.decode().split("\n")
    yield from _lines(How.HEADLINE, [message.title or first])
    for line in [first, *rest] if message.title else rest:
        is_link = line.startswith("https://") and " " not in line
        yield from [SeenPart(how=How.LINK, text=line, url=line)] if is_link else _lines(How.TEXT, [line])


def _slack(message: Mapping[str, Any]) -> Iterator[SeenPart]:
    if "blocks" not in message:
        yield from _lines(How.TEXT, html.unescape(message["text"]).split("\n"))
        return
    for block in message["blocks"]:
        texts = [block["text"]] if "text" in block else []
        for text in [*texts, *block.get("fields", ()), *block.get("elements", ())]:
            yield from _slack_text(block["type"], text)


def _slack_text(block: str, text: Mapping[str, Any]) -> Iterator[SeenPart]:
    said = text["text"]
    if text["type"] == "plain_text":
        yield from _lines(How.HEADLINE if block == "header" else How.TEXT, said.split("\n"))
        return
    yield from (SeenPart(how=How.LINK, text=html.unescape(name), url=url) for url, name in _LINK.findall(said))
    bold = _BOLD.fullmatch(said)
    rest = html.unescape(_LINK.sub("", bold[1] if bold else said)).strip(" |\n")
    yield from _lines(How.HEADING if bold else How.SMALL, [part.strip(" |") for part in rest.split("\n")])


def _discord(message: Mapping[str, Any]) -> Iterator[SeenPart]:
    yield from _lines(How.HEADLINE, [_unescaped(message["content"])])
    for embed in message.get("embeds", ()):
        title = _unescaped(embed.get("title", ""))
        url = embed.get("url")
        yield SeenPart(how=How.HEADING if url is None else How.LINK, text=title, url=url)
        for line in embed.get("description", "").split("\n"):
            strong = _STRONG.fullmatch(line)
            yield from _lines(How.HEADING if strong else How.TEXT, [_unescaped(strong[1] if strong else line)])
        yield from _lines(How.SMALL, [embed.get("footer", {}).get("text", "")])


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _teams(message: Mapping[str, Any]) -> Iterator[SeenPart]:
    for card in (one["content"] for one in message["attachments"]):
        for run in (run for block in card["body"] for run in block["inlines"]):
            bold, large = run.get("weight") == "Bolder", run.get("size") == "Medium"
            how = How.HEADLINE if large else How.HEADING if bold else How.TEXT
            yield from _lines(How.SMALL if run.get("isSubtle") else how, [run["text"]])
        for action in card.get("actions", ()):
            yield SeenPart(how=How.LINK, text=action["title"], url=action["url"])


def _ntfy(message: Mapping[str, Any]) -> Iterator[SeenPart]:
    yield from _lines(How.HEADLINE, [message["title"]])
    yield from _lines(How.TEXT, message["message"].split("\n"))
    if "click" in message:
        yield SeenPart(how=How.LINK, text=message["click"], url=message["click"])


def _telegram(message: Mapping[str, Any]) -> Iterator[SeenPart]:
    headline, *lines = message["text"].split("\n")
    yield from _lines(How.HEADLINE, [headline])
    yield from _lines(How.TEXT, lines)


def _pagerduty(event: Mapping[str, Any]) -> Iterator[SeenPart]:
    payload = event.get("payload", {})
    yield from _lines(How.HEADLINE, [payload.get("summary", "")])
    yield from _lines(How.SMALL, [payload.get("severity", ""), payload.get("component", "")])
    for text in payload.get("custom_details", {}).values():
        yield from _lines(How.TEXT, str(text).split("\n"))
    for link in event.get("links", ()):
        yield SeenPart(how=How.LINK, text=link["text"], url=link["href"])


def _mail(body: bytes) -> Iterator[SeenPart]:
    message = message_from_bytes(body, policy=default)
    yield from _lines(How.HEADLINE, [str(message["Subject"])])
    yield from _lines(How.SMALL, [f"{name}: {message[name]}" for name in ("From", "To") if message[name]])
    text = message.get_body(("plain",))
    yield from _lines(How.TEXT, text.get_content().split("\n") if text is not None else ())


_BY_KEY = {
    "blocks": _slack,
    "content": _discord,
    "attachments": _teams,
    "topic": _ntfy,
    "chat_id": _telegram,
    "event_action": _pagerduty,
    "unfurl_links": _slack,
}
"""By a key that only the bodies of one service have."""


def _lines(how: How, lines: Iterable[str]) -> Iterator[SeenPart]:
    return (SeenPart(how=how, text=line) for line in lines if line.strip())
