"""Slack incoming webhooks: what is posted there, and what Slack answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson

from consumers.dispatcher.blocks import Message, message, plain_message
from consumers.dispatcher.channels.slack.section import SlackSection
from consumers.dispatcher.outcome import Outcome, described, judged, outcome
from consumers.dispatcher.post import Answer, NoAnswer, Request
from service.model.alert import Alert
from service.model.delivery import Reason, State
from service.model.notice import Notice

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
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
_REFUSED = frozenset(
    {"action_prohibited", "posting_to_general_channel_denied", "rollup_error"}
)  # somebody can allow it
_SLOW = frozenset({"rate_limited", "ratelimited"})


class Slack:
    """Posts the alert as blocks that a person reads at a glance."""

    def __init__(self, section: SlackSection) -> None:
        self.url = section.url.get_secret_value()
        self.interval = timedelta(seconds=section.pace_seconds)
        self.quiet = section.quiet

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address."""
        return (self.url,)

    def request(self, content: Alert | Notice, body: bytes, now: datetime) -> Request:
        """The content in blocks."""
        return self._request(message(content))

    def together(self, alerts: Sequence[Alert], now: datetime) -> Request:
        """One message on the filing, which says why for each rule."""
        return self._request(message(*alerts))

    def simply(self, contents: Sequence[Alert | Notice], now: datetime) -> Request:
        """The text alone."""
        return self._request(plain_message(*contents))

    def _request(self, content: Message) -> Request:
        return Request(
            url=self.url,
            headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "filingbell"},
            body=orjson.dumps(content),
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
        content = described(answer)
        return str(content.get("error", "")) if content.get("ok") is False else None
    return answer.text if answer.text in _FINAL | _FORM | _REFUSED | _SLOW else None
