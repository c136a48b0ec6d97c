"""An Adaptive Card for Teams, in which what was filed is text and nothing else.

Teams reads Markdown in TextBlocks and FactSets. So every text stands in a TextRun, in which it reads none.
"""

from typing import Any

import orjson

from consumers.dispatcher.parts import fitted, told
from consumers.dispatcher.room import cut
from consumers.dispatcher.template import Template
from service.model.alert import Alert
from service.model.notice import Notice

# https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using: 28 KB
_ROOM = 20_000  # bytes of the texts between headline and foot, as they stand in the card
_HEADLINE = 500
_LINE = 500

Card = dict[str, Any]


def card(*contents: Alert | Notice, template: Template | None = None) -> Card:
    """What Teams gets for a notice, or for the alerts of several rules on one filing."""
    one = told(contents, template)
    headings = {part.title for part in one.parts if part.title}
    lines = fitted(one.parts, _ROOM, lambda line: cut(line, _LINE), str, _size)
    blocks = [_block(line, weight="Bolder") if line in headings else _block(line) for line in lines]
    top = [_block(cut(one.headline, _HEADLINE), size="Medium", weight="Bolder"), _block(cut(one.about, _LINE))]
    return _card([*top, *blocks, _block(cut(one.foot, _LINE), isSubtle=True)], one.link)


def plain_card(*contents: Alert | Notice) -> Card:
    """The headline alone: for when the workflow does not take the rest."""
    one = told(contents)
    return _card([_block(cut(one.headline, _HEADLINE)), _block(cut(one.foot, _LINE))], one.link)


def _card(blocks: list[Card], link: str | None) -> Card:
    made: Card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": blocks,
    }
    return made if link is None else made | {"actions": [{"type": "Action.OpenUrl", "title": "Filing", "url": link}]}


def _block(text: str, **looks: Any) -> Card:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **looks}]}


def _size(line: str) -> int:
    """The bytes that *line* takes in the card."""
    return len(orjson.dumps(_block(line, weight="Bolder")))
