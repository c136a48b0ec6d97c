"""Slack incoming webhooks: Block Kit, within Slack's limits, with the filing's text escaped."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import orjson

from consumers.config import Section
from consumers.dispatcher.channels.address import Address
from consumers.dispatcher.guard import Answer, NoAnswer, Request
from consumers.dispatcher.outcome import Outcome, judged, outcome
from consumers.dispatcher.render import Rendering, rendering
from service.model.alert import Alert
from service.model.delivery import Reason
from service.model.notice import Notice
from service.store.deliveries import State
from service.words import counted

# https://docs.slack.dev/reference/block-kit/blocks
_HEADER = 150
_SECTION = 3000
_BLOCKS = 50
_ROWS = 12  # rows told in full; the filing has the rest
_FOOTNOTES = 12
_LINES = 8  # of a notice in a section; each is cut rather than lost
_LINKS = 15

# What Slack answers in words, with whatever status; in part at
# https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
# and else under "Handling errors" of https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
_FINAL = frozenset(  # the webhook, or where it leads to, is there no more
    {
        "channel_is_archived",
        "channel_not_found",
        "invalid_token",
        "no_active_hooks",
        "no_service",
        "no_service_id",
        "no_team",
        "team_disabled",
        "user_not_found",
    }
)
_FORM = frozenset(  # about the message: another one may be taken
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_payload",
        "missing_text_or_fallback_or_attachments",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
_REFUSED = frozenset(
    {"action_prohibited", "posting_to_general_channel_denied", "rollup_error"}
)  # somebody can allow it
_SLOW = frozenset({"rate_limited", "ratelimited"})

Block = dict[str, Any]


class SlackSection(Section):
    """The settings of a Slack channel."""

    called = "a Slack channel"

    type: Literal["slack"]
    url: Address  # https://hooks.slack.com/services/...


class Slack:
    """Posts the alert as blocks that a person reads at a glance."""

    def __init__(self, section: SlackSection) -> None:
        self._url = section.url.get_secret_value()

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address."""
        return (self._url,)

    def request(self, content: Alert | Notice, body: bytes, now: datetime) -> Request:
        """The content in blocks."""
        return Request(
            url=self._url,
            headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "filingbell"},
            body=orjson.dumps(message(content)),
        )

    def judge(self, answer: Answer | NoAnswer) -> Outcome:
        """By Slack's own word where it says one, also with 200; else by HTTP."""
        word = _word(answer) if isinstance(answer, Answer) else None
        if word is None or isinstance(answer, NoAnswer):
            return judged(answer)
        if word in _SLOW:
            return outcome(answer, State.PENDING, Reason.RATE_LIMITED)
        if word in _FORM:
            return outcome(answer, State.PENDING, Reason.INVALID_MESSAGE)
        return outcome(answer, State.DEAD if word in _FINAL else State.PENDING, Reason.REFUSED)


def _word(answer: Answer) -> str | None:
    """The error that Slack names: bare, or as the ``error`` of ``{"ok": false}``; None: it names none."""
    if answer.text.startswith("{"):
        try:
            content = orjson.loads(answer.text)
        except orjson.JSONDecodeError:
            return None
        return str(content.get("error", "")) if content.get("ok") is False else None
    return answer.text if answer.text in _FINAL | _FORM | _REFUSED | _SLOW else None


def message(content: Alert | Notice) -> dict[str, Any]:
    """What Slack gets: ``text`` for notifications, ``blocks`` for the channel."""
    blocks = list(_blocks(content, rendering(content)) if isinstance(content, Alert) else _notice(content))
    if len(blocks) > _BLOCKS:
        blocks = [*blocks[: _BLOCKS - 1], blocks[-1]]
    return {
        "text": _cut(escaped(content.headline), _SECTION),
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def escaped(text: str) -> str:
    """*text* with Slack's three control characters escaped, so that a footnote can mention or link nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(alert: Alert, words: Rendering) -> Iterator[Block]:
    yield {"type": "header", "text": {"type": "plain_text", "text": _cut(words.headline, _HEADER), "emoji": False}}
    about = [f"*Who* {escaped(who)}" for who in words.who]
    about += [f"*Company* {escaped(words.company)}", *map(escaped, words.notes)]
    yield _section("\n".join(about))
    for row in words.rows[:_ROWS]:
        lines = [f"*{label}* {escaped(text)}" for label, text in row.lines]
        yield _section("\n".join([f"*{escaped(row.title)}*", *lines]))
    if len(words.rows) > _ROWS:
        yield _section(f"and {counted(len(words.rows) - _ROWS, 'more row')}: see the filing")
    description = f": {alert.description}" if alert.description else ""
    why = [f"*Why: rule {escaped(alert.rule + description)}*", *(f"• {escaped(line)}" for line in words.why)]
    yield _section("\n".join(why))
    for number, text in words.footnotes[:_FOOTNOTES]:
        yield _section(f"*{escaped(number)}* {escaped(text)}")
    if words.flags:
        yield _section("\n".join(["*Odd in this filing*", *(f"• {escaped(flag)}" for flag in words.flags)]))
    links = " | ".join(f"<{escaped(url)}|{label}>" for label, url in words.links)
    way = f"\n{escaped(words.way)}" if words.way else ""
    context = f"{links} | Form {escaped(alert.filing.form)} {alert.filing.accession}{way}"
    yield {"type": "context", "elements": [{"type": "mrkdwn", "text": _cut(context, _SECTION)}]}


def _notice(notice: Notice) -> Iterator[Block]:
    over = "Over: " if notice.cleared else ""
    headline = _cut(over + notice.headline, _HEADER)
    yield {"type": "header", "text": {"type": "plain_text", "text": headline, "emoji": False}}
    lines = [f"• {escaped(line)}" for line in notice.lines]
    for start in range(0, len(lines), _LINES):
        yield _section("\n".join(lines[start : start + _LINES]))
    links = [f"<{escaped(url)}|{escaped(label)}>" for label, url in notice.links]
    for start in range(0, len(links), _LINKS):
        yield _section(" | ".join(links[start : start + _LINKS]))
    context = f"filingbell | {notice.kind} | {notice.at:%Y-%m-%d %H:%M:%S} UTC"
    yield {"type": "context", "elements": [{"type": "mrkdwn", "text": _cut(context, _SECTION)}]}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut(text, _SECTION), "verbatim": True}}


def _cut(text: str, limit: int) -> str:
    """*text* within *limit* characters; an escape is never cut in two."""
    if len(text) <= limit:
        return text
    short = text[: limit - 1]
    escape = short.rfind("&", len(short) - 5)
    if escape >= 0 and ";" not in short[escape:]:
        short = short[:escape]
    return short + "…"
