"""A message for Discord: an embed within Discord's limits, in which what was filed is text and nothing else.

Discord knows Markdown nearly everywhere. What somebody else wrote has a backslash before every mark, by which Discord
takes it for the mark itself: no emphasis, quote, code, mention, emoji or link is made of it. And nobody is notified,
whatever a text says: that is said beside the text.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from consumers.dispatcher.render import Rendering, RowText, rendering
from consumers.dispatcher.room import cut, fitting, units
from service.model.alert import Alert
from service.model.notice import Notice
from service.text import legible
from service.words import counted, eastern

# https://docs.discord.com/developers/resources/message#embed-object-embed-limits
_TITLE = 256
_DESCRIPTION = 4096
_FOOTER = 2048
_CONTENT = 2000

# How much of it a part may take, so that each has its room whatever the others say. A mark takes two.
_HEADLINE = 500
_LINE = 300
_TOP = 1000
_WHY = 1000
_ROWS = 1200
_PART = 300
_ROW_COUNT = 8  # rows told; the filing has the rest
_RULE_COUNT = 5
_MORE = 40  # to say how many are left out

_MARKS = re.compile(r"[!#()*+:<>@\[\\\]^_`{|}~-]")

Message = dict[str, Any]


def message(*contents: Alert | Notice) -> Message:
    """What Discord gets for a notice, or for the alerts of several rules on one filing."""
    first = contents[0]
    if isinstance(first, Notice):
        notice = legible(first)
        return _message(notice.headline, _embed("filingbell", _notice(notice), f"{notice.kind}, {eastern(notice.at)}"))
    words = [rendering(alert) for alert in contents if isinstance(alert, Alert)]
    one = words[0]
    footer = f"Form {one.form} {one.accession}{f'. {one.way}' if one.way else ''}"
    return _message(one.headline, _embed(one.company, _alert(words), footer, one.links[0][1]))


def plain_message(*contents: Alert | Notice) -> Message:
    """The same as text alone: for when Discord does not take the form of the embed."""
    first = contents[0]
    if isinstance(first, Notice):
        notice = legible(first)
        lines = [notice.headline, *notice.lines]
    else:
        words = [rendering(alert) for alert in contents if isinstance(alert, Alert)]
        one = words[0]
        lines = [one.headline, f"Company: {one.company}", *(f"Rule {part.rule}" for part in words[:_RULE_COUNT])]
        lines.append(f"Form {one.form} {one.accession}")
    return _message("\n".join(_some((escaped(line) for line in lines), _CONTENT, "line")), None)


def escaped(text: str) -> str:
    """*text*, cut to the length of a line, with a backslash before whatever Discord could take for markup."""
    return _MARKS.sub(r"\\\g<0>", cut(text, _LINE))


def _message(headline: str, embed: Message | None) -> Message:
    made: Message = {"content": headline, "allowed_mentions": {"parse": []}}
    if embed is not None:
        made |= {"content": _within(headline, _HEADLINE), "embeds": [embed]}
    return made


def _embed(title: str, lines: Sequence[str], footer: str, url: str | None = None) -> Message:
    made: Message = {
        "title": _within(title, _TITLE),
        "description": "\n".join(lines),
        "footer": {"text": cut(footer, _LINE)},  # knows no markup
    }
    return made if url is None else made | {"url": url}


def _within(text: str, limit: int) -> str:
    """*text* as text within *limit*, however many marks it has."""
    length = limit
    while units(made := _MARKS.sub(r"\\\g<0>", cut(text, length))) > limit:
        length -= max(1, (units(made) - limit) // 2)
    return made


def _alert(words: Sequence[Rendering]) -> list[str]:
    """What always stands first; what else there is room for behind it."""
    one = words[0]
    about = [*one.notes, *(f"Who: {who}" for who in one.who)]
    made = _some((escaped(line) for line in about), _TOP, "line")
    made += _headed("", _rows(words), _ROWS, "row")
    for part in words[:_RULE_COUNT]:
        rule = f"Rule {part.rule}{f': {part.description}' if part.description else ''}"
        why = [escaped(rule), *(f"• {escaped(line)}" for line in part.why)]
        made += _headed("Why", why, _WHY // min(len(words), _RULE_COUNT), "reason")
    made += _more(len(words) - _RULE_COUNT, "rule")
    made += _headed("Odd in this filing", (f"• {escaped(flag)}" for flag in one.flags), _PART, "remark")
    made += _headed("Remarks", [escaped(one.remarks)] if one.remarks else [], _PART, "remark")
    notes = {number: text for part in words for number, text in part.footnotes}
    told = (escaped(f"{number}: {text}") for number, text in notes.items())
    return made + _headed("Footnotes", told, _DESCRIPTION - _size(made), "footnote")


def _rows(words: Sequence[Rendering]) -> list[str]:
    """Each row that met a rule once, as a line."""
    rows = {row.title: row for part in words for row in part.rows}
    told = [_row(row) for row in list(rows.values())[:_ROW_COUNT]]
    return told + _more(len(rows) - _ROW_COUNT, "row")


def _row(row: RowText) -> str:
    told = escaped("; ".join(f"{label.lower()} {text}" for label, text in row.lines))
    return f"**{escaped(row.title)}**: {told}"


def _notice(notice: Notice) -> list[str]:
    lines = [f"• {escaped(line)}" for line in notice.lines]
    return _some(lines, _DESCRIPTION, "line") or [escaped(notice.headline)]


def _headed(title: str, lines: Iterable[str], room: int, one: str) -> list[str]:
    """As many of *lines* as there is *room* for, under *title*; nothing where there is room for none."""
    heading = [f"**{title}**"] if title else []
    kept = _some(lines, room - _size(heading), one)
    return [*heading, *kept] if kept and not kept[0].startswith("and ") else []


def _some(lines: Iterable[str], room: int, one: str) -> list[str]:
    """As many of *lines* as there is *room* for, and how many are left out."""
    kept, left = fitting(lines, room - _MORE, lambda line: units(line) + 1)
    return [*kept, *_more(left, one)]


def _more(left: int, one: str) -> list[str]:
    return [f"and {counted(left, f'more {one}')}"] if left > 0 else []


def _size(lines: Sequence[str]) -> int:
    return sum(units(line) + 1 for line in lines)
