"""A message for Discord: an embed within Discord's limits, in which what was filed is text and nothing else.

Discord knows Markdown nearly everywhere. What somebody else wrote has a backslash before every mark, by which Discord
takes it for the mark itself: no emphasis, quote, code, mention, emoji or link is made of it. And nobody is notified,
whatever a text says: that is said beside the text.
"""

import re
from typing import Any

from consumers.dispatcher.parts import fitted, told
from consumers.dispatcher.room import cut, units
from consumers.dispatcher.template import Template
from service.model.alert import Alert
from service.model.notice import Notice

# https://docs.discord.com/developers/resources/message#embed-object-embed-limits
_TITLE = 256
_DESCRIPTION = 4096
_CONTENT = 2000
_HEADLINE = 500
_LINE = 300  # also of the footer; with title and description it stays within 6,000

_MARKS = re.compile(r"[!#()*+:<>@\[\\\]^_`{|}~-]")

Message = dict[str, Any]


def message(*contents: Alert | Notice, template: Template | None = None) -> Message:
    """What Discord gets for a notice, or for the alerts of several rules on one filing."""
    one = told(contents, template)
    lines = fitted(one.parts, _DESCRIPTION, escaped, lambda title: f"**{title}**", units)
    embed: Message = {
        "title": _within(one.about, _TITLE),
        "description": "\n".join(lines) or escaped(one.headline),
        "footer": {"text": cut(one.foot, _LINE)},  # knows no markup
    }
    if one.link is not None:
        embed["url"] = one.link
    return _message(_within(one.headline, _HEADLINE)) | {"embeds": [embed]}


def plain_message(*contents: Alert | Notice) -> Message:
    """The same as text alone: for when Discord does not take the form of the embed."""
    one = told(contents)
    top = [escaped(one.headline), escaped(one.about)]
    lines = fitted(one.parts, _CONTENT - sum(units(line) + 1 for line in top), escaped, escaped, units)
    return _message("\n".join([*top, *lines]))


def escaped(text: str) -> str:
    """*text*, cut to the length of a line, with a backslash before whatever Discord could take for markup."""
    return _MARKS.sub(r"\\\g<0>", cut(text, _LINE))


def _message(content: str) -> Message:
    return {"content": content, "allowed_mentions": {"parse": []}}


def _within(text: str, limit: int) -> str:
    """*text* as text within *limit*, however many marks it has."""
    length = limit
    while units(made := _MARKS.sub(r"\\\g<0>", cut(text, length))) > limit:
        length -= max(1, (units(made) - limit) // 2)
    return made
