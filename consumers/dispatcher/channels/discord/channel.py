"""Discord webhooks: what is posted there, and what Discord answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson

from consumers.dispatcher.channels.discord.message import Message, message, plain_message
from consumers.dispatcher.channels.discord.section import DiscordSection
from consumers.dispatcher.outcome import Outcome, described, judged, outcome
from consumers.dispatcher.post import Answer, NoAnswer, Request
from service.model.alert import Alert
from service.model.delivery import Reason, State
from service.model.notice import Notice

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#json-json-error-codes
_FINAL = (10015, 50027)  # unknown webhook, invalid webhook token: neither comes back
_FORM = (50006, 50035)  # cannot send an empty message, invalid form body: another message may be taken


class Discord:
    """Posts the alert as an embed that a person reads at a glance."""

    def __init__(self, section: DiscordSection) -> None:
        self.url = section.url.get_secret_value()
        self.interval = timedelta(seconds=section.pace_seconds)
        self.quiet = section.quiet

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address."""
        return (self.url,)

    def request(self, content: Alert | Notice, body: bytes, now: datetime) -> Request:
        """The content as an embed."""
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
            headers={"Content-Type": "application/json", "User-Agent": "filingbell"},
            body=orjson.dumps(content),
        )

    def judge(self, answer: Answer | NoAnswer) -> Outcome:
        """By Discord's own code where it gives one with a refusal; else by HTTP."""
        if isinstance(answer, Answer) and answer.status >= 400:
            code = described(answer).get("code")
            if code in _FINAL:
                return outcome(answer, State.DEAD, Reason.REFUSED)
            if code in _FORM:
                return outcome(answer, State.PENDING, Reason.INVALID_MESSAGE)
        return judged(answer)
