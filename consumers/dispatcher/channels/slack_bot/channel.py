"""A bot in Slack: what it posts, how it finds again what it may have posted, and what Slack answers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode

import orjson

from consumers.dispatcher.blocks import message, plain_message
from consumers.dispatcher.channels.channel import MessagePlace
from consumers.dispatcher.channels.slack_bot.section import SlackBotSection
from consumers.dispatcher.channels.timed import Timed
from consumers.dispatcher.outcome import Outcome, described, judged, outcome
from consumers.dispatcher.post import Answer, NoAnswer, Request
from service.model.alert import Alert
from service.model.delivery import DeliveryState, Reason
from service.model.notice import Notice

_EVENT = "filingbell_message"  # the type of the metadata that each message has
_READ = 128 * 1024  # bytes of an answer: it repeats the message
_SEARCHED = 10  # messages looked through, each of which may take 12,000 characters
_SEARCH_READ = 512 * 1024

# The errors of https://docs.slack.dev/reference/methods/chat.postMessage that another try cannot change
_FINAL = frozenset({"account_inactive", "is_archived", "token_revoked"})
_FORM = frozenset(  # about the message: the simplest form, which is in no thread, may be taken
    {
        "cannot_reply_to_message",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "restricted_action_thread_locked",
        "thread_not_found",
    }
)
_SLOW = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})
_FAULTS = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})  # it may be there


class SlackBot(Timed):
    """Has the bot write the alert as blocks; an alert that follows another stands in that one's thread."""

    def __init__(self, section: SlackBotSection, place: MessagePlace | None = None) -> None:
        super().__init__(section, section.pace_seconds, every_filing=section.every_filing)
        self._section = section
        self.url = section.url.get_secret_value()
        self._token = section.token.get_secret_value()
        self._channel = section.channel
        self._place = place or MessagePlace()

    @property
    def secrets(self) -> tuple[str, ...]:
        """The token, and the server's address."""
        return (self.url, self._token)

    def placed(self, place: MessagePlace) -> Self:
        """The same, whose next message stands in *place*."""
        return type(self)(self._section, place)

    def request(self, content: Alert | Notice, body: bytes, now: datetime) -> Request:
        """The content as a message that a person reads at a glance."""
        return self._write(content.id, message(content, template=self._section.template), thread=self._place.thread)

    def together(self, alerts: Sequence[Alert], now: datetime) -> Request:
        """One message on the filing, which says why for each rule."""
        return self._write(alerts[0].id, message(*alerts, template=self._section.template), thread=self._place.thread)

    def simply(self, contents: Sequence[Alert | Notice], now: datetime) -> Request:
        """The words alone, in no thread."""
        return self._write(contents[0].id, plain_message(*contents), thread=None)

    def search(self, content: Alert | Notice) -> Request:
        """What asks for the newest messages where *content* may stand already."""
        asked = {"channel": self._channel, "limit": _SEARCHED, "include_all_metadata": "true"}
        if self._place.thread is None:
            return self._ask("conversations.history", asked)
        return self._ask("conversations.replies", {**asked, "ts": self._place.thread})

    def found(self, content: Alert | Notice, answer: Answer | NoAnswer) -> str | None:
        """By what Slack names *content* among these messages; None: it does not stand there, or cannot be seen."""
        messages = described(answer).get("messages") if isinstance(answer, Answer) else None
        for one in messages if isinstance(messages, list) else ():
            metadata = one.get("metadata") if isinstance(one, dict) else None
            if isinstance(metadata, dict) and metadata.get("event_payload") == {"id": content.id}:
                return str(one.get("ts")) if metadata.get("event_type") == _EVENT else None
        return None

    def judge(self, answer: Answer | NoAnswer) -> Outcome:
        """By Slack's own word where it says one, mostly with 200; else by HTTP."""
        said = described(answer) if isinstance(answer, Answer) else {}
        if isinstance(answer, NoAnswer) or said.get("ok") is not False:
            written = said.get("message")
            root = written.get("thread_ts") if isinstance(written, dict) else None  # only a thread's first is answered
            stamp = root or said.get("ts")
            found = judged(answer)
            return replace(found, receipt=stamp) if isinstance(stamp, str) else found
        word = str(said.get("error", ""))
        if word in _SLOW:
            return outcome(answer, DeliveryState.PENDING, Reason.RATE_LIMITED)
        if word in _FORM:
            return outcome(answer, DeliveryState.PENDING, Reason.INVALID_MESSAGE)
        if word in _FAULTS:
            return outcome(answer, DeliveryState.PENDING, Reason.SERVER_ERROR)
        return outcome(answer, DeliveryState.DEAD if word in _FINAL else DeliveryState.PENDING, Reason.REFUSED)

    def _write(self, known: str, content: dict[str, Any], *, thread: str | None) -> Request:
        """Post *content*, or put it in the place of what stands there already."""
        made = {"channel": self._channel, **content}
        made["metadata"] = {"event_type": _EVENT, "event_payload": {"id": known}}
        if self._place.stands is not None:
            method, made = "chat.update", {**made, "ts": self._place.stands}
        else:
            method, made = "chat.postMessage", {**made, **({"thread_ts": thread} if thread else {})}
        return self._request(method, "application/json; charset=utf-8", orjson.dumps(made), _READ)

    def _ask(self, method: str, asked: dict[str, Any]) -> Request:
        return self._request(method, "application/x-www-form-urlencoded", urlencode(asked).encode(), _SEARCH_READ)

    def _request(self, method: str, media: str, body: bytes, read: int) -> Request:
        return Request(
            url=f"{self.url.rstrip('/')}/{method}",
            headers={"Content-Type": media, "User-Agent": "filingbell", "Authorization": f"Bearer {self._token}"},
            body=body,
            read=read,
        )
