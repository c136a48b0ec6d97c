"""A message for Slack: Block Kit within Slack's limits, in which what was filed is text and nothing else.

What somebody else wrote stands in ``plain_text`` objects alone, in which Slack knows no markup: no bold, no list, no
quote, no code, no emoji by name, no mention, no link. Headings and links, which are ours, are ``mrkdwn``.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from consumers.dispatcher.parts import MessageText, fitted, told_of
from consumers.dispatcher.render import Rendering, RowText
from consumers.dispatcher.retold import in_words
from consumers.dispatcher.room import cut, fitting, units
from consumers.dispatcher.template import Template
from service.model.alert import Alert
from service.model.notice import Notice
from service.text import legible
from service.words import counted, eastern

# https://docs.slack.dev/reference/block-kit/blocks
_HEADER = 150
_SECTION = 3000
_FIELD = 2000
_BLOCKS = 50
_MESSAGE = 12_000  # of the whole message as JSON; Slack answers msg_blocks_too_long from about 13,200 on

# How much of it a part may take, so that each has its room whatever the others say.
_TEXT = 500
_LINE = 400
_COMPANY = 300
_WHO = 1500
_ALSO = 1500
_WHY = 2000
_LINKS = 900
_ROWS = 5000
_PLAIN = 2500
_NOTICE = 7000
_NOTICE_LINKS = 2500
_WORDED = 6000  # characters in words of the channel's own
_ROW_COUNT = 12  # rows told in full; the filing has the rest
_RULE_COUNT = 5

Block = dict[str, Any]
Message = dict[str, Any]


def message(*contents: Alert | Notice, template: Template | None = None) -> Message:
    """What Slack gets for a notice, or for the alerts of several rules on one filing.

    ``text`` for notifications, ``blocks`` for the channel. With a *template*, alerts are told in its words.
    """
    first = contents[0]
    if isinstance(first, Notice):
        notice = legible(first)
        return _message(notice.headline, _notice(notice))
    words = in_words([alert for alert in contents if isinstance(alert, Alert)], whole=template is not None)
    if template is not None:
        one = told_of(words, template)
        return _message(one.headline, _worded(one, words[0]))
    return _message(words[0].headline, _alert(words))


def plain_message(*contents: Alert | Notice) -> Message:
    """The same in ``text`` alone: for when Slack does not take the form of the blocks."""
    first = contents[0]
    if isinstance(first, Notice):
        notice = legible(first)
        lines = [notice.headline, *notice.lines, *(f"{label}: {url}" for label, url in notice.links)]
    else:
        words = in_words([alert for alert in contents if isinstance(alert, Alert)])
        lines = _in_lines(words)
    kept, left = fitting((cut(line, _LINE) for line in lines), _PLAIN, units)
    return _message("\n".join([*kept, *_more(left, "line")]), None)


def escaped(text: str) -> str:
    """*text* with Slack's three control characters escaped, so that it can mention or link nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _message(text: str, blocks: Iterable[Block] | None) -> Message:
    made: Message = {
        "text": escaped(text if blocks is None else cut(text, _TEXT)),
        "mrkdwn": False,  # it is said by others in part
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return made if blocks is None else made | {"blocks": list(blocks)[:_BLOCKS]}


def _alert(words: Sequence[Rendering]) -> list[Block]:
    """What always stands first; what else there is room for in between."""
    one = words[0]
    who, left = fitting((f"Who: {cut(who, _LINE)}" for who in one.who), _WHO, _size)
    whole = [cut(one.headline, _TEXT)] if units(one.headline) > _HEADER else []  # the header may hold a part only
    about = [*whole, f"Company: {cut(one.company, _COMPANY)}", *one.notes, *who, *_more(left, "owner"), *_also(one)]
    top = [_header(one.headline), *_sections(about)]
    why = [block for part in words[:_RULE_COUNT] for block in _why(part, _WHY // min(len(words), _RULE_COUNT))]
    why += _sections(_more(len(words) - _RULE_COUNT, "rule"))
    bottom = [_bottom(one)]
    room = _MESSAGE - 2 * _TEXT - _size([*top, *why, *bottom])
    rows = _rows({row.title: row for part in words for row in part.rows}.values(), min(room, _ROWS))
    room -= _size(rows)
    flags = _list("Odd in this filing", (f"• {flag}" for flag in one.flags), room // 3, "remark")
    room -= _size(flags)
    remarks = _list("Remarks", [one.remarks] if one.remarks else [], room // 3, "remark")
    room -= _size(remarks)
    notes = {number: text for part in words for number, text in part.footnotes}
    footnotes = _list("Footnotes", (f"{number}: {text}" for number, text in notes.items()), room, "footnote")
    return [*top, *rows, *why, *footnotes, *remarks, *flags, *bottom]


def _also(words: Rendering) -> list[str]:
    """Who else filed the same trade."""
    kept, left = fitting((cut(line, _LINE) for line in words.also), _ALSO, _size)
    return [*kept, *_more(left, "filing")]


def _worded(told: MessageText, words: Rendering) -> list[Block]:
    """A message in words of the channel's own; the filing stands below it."""
    lines = fitted(told.parts, _WORDED, lambda line: cut(line, _LINE), str, units)
    return [_header(told.headline), *_sections(lines), _bottom(words)]


def _bottom(words: Rendering) -> Block:
    links = " | ".join(f"<{escaped(url)}|{label}>" for label, url in words.links)
    way = f"\n{escaped(words.way)}" if words.way else ""
    return _context(f"{links} | Form {escaped(words.form)} {escaped(words.accession)}{way}")


def _why(words: Rendering, room: int) -> list[Block]:
    rule = cut(f"Rule {words.rule}{f': {words.description}' if words.description else ''}", _LINE)
    lines, left = fitting((f"• {cut(line, _LINE)}" for line in words.why), room - _size(rule), _size)
    return [_heading("Why"), *_sections([rule, *lines, *_more(left, "reason")])]


def _rows(rows: Iterable[RowText], room: int) -> list[Block]:
    every = list(rows)
    blocks, _ = fitting((_row(row) for row in every[:_ROW_COUNT]), room - 150, _size)
    left = len(every) - len(blocks)
    return [*blocks, *_sections(f"{line}: see the filing" for line in _more(left, "row"))]


def _row(row: RowText) -> Block:
    """A row in two columns."""
    lines = [f"{label}: {cut(text, _LINE)}" for label, text in row.lines]
    half = (len(lines) + 1) // 2
    columns = ["\n".join(lines[:half]), "\n".join(lines[half:])]
    fields = [{"type": "plain_text", "text": cut(column, _FIELD), "emoji": False} for column in columns if column]
    return _heading(row.title) | ({"fields": fields} if fields else {})


def _list(title: str, lines: Iterable[str], room: int, one: str) -> list[Block]:
    """*lines* under *title*, as far as there is *room*; each is cut so that the next has some."""
    kept, left = fitting((cut(line, _LINE * 2) for line in lines), min(room - 250, _SECTION - 50), _size)
    return [_heading(title), *_sections([*kept, *_more(left, one)])] if kept else []


def _in_lines(words: Sequence[Rendering]) -> list[str]:
    one = words[0]
    who = [f"Who: {who}" for who in one.who[:3]]
    about = [one.headline, f"Company: {one.company}", *one.notes, *who, *_more(len(one.who) - 3, "owner"), *_also(one)]
    rules = [f"Rule {part.rule}" for part in words[:_RULE_COUNT]]
    return [*about, *rules, *(f"{label}: {url}" for label, url in one.links)]


def _notice(notice: Notice) -> list[Block]:
    lines, left = fitting((f"• {cut(line, _LINE)}" for line in notice.lines), _NOTICE, _size)
    links, unlinked = fitting(
        (f"<{escaped(url)}|{escaped(label)}>" for label, url in notice.links), _NOTICE_LINKS, _size
    )
    linked = [*links, *_more(unlinked, "link")]
    return [
        _header(notice.headline),
        *_sections([*lines, *_more(left, "line")]),
        *([_mrkdwn(" | ".join(linked))] if linked else []),
        _context(f"filingbell | {notice.kind} | {eastern(notice.at)}"),
    ]


def _more(left: int, one: str) -> list[str]:
    """That *left* of them are not told here."""
    return [f"and {counted(left, f'more {one}')}"] if left > 0 else []


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": cut(text, _HEADER), "emoji": False}}


def _heading(text: str) -> Block:
    return _mrkdwn(f"*{escaped(text)}*")


def _mrkdwn(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(text, _LINKS), "verbatim": True}]}


def _sections(lines: Iterable[str]) -> Iterator[Block]:
    """*lines* in as many sections as they need, each line whole."""
    held: list[str] = []
    for line in [*lines, None]:
        if held and (line is None or units("\n".join([*held, line])) > _SECTION):
            yield {"type": "section", "text": {"type": "plain_text", "text": "\n".join(held), "emoji": False}}
            held = []
        held += [] if line is None else [line]


def _size(content: Any) -> int:
    """How much of the message *content* takes."""
    return units(orjson.dumps(content).decode())
