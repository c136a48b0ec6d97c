"""ntfy: what is published there, and what ntfy answers."""

import re
from collections.abc import Sequence
from datetime import datetime

import orjson

from consumers.dispatcher.channels.ntfy.section import NtfySection
from consumers.dispatcher.channels.timed import Timed
from consumers.dispatcher.outcome import Outcome, described, judged, outcome
from consumers.dispatcher.parts import fitted, told
from consumers.dispatcher.post import Answer, NoAnswer, Request
from consumers.dispatcher.room import cut
from service.model.alert import Alert
from service.model.delivery import DeliveryState, Reason
from service.model.notice import Notice
from service.model.rule import Priority

# https://docs.ntfy.sh/publish/#limitations: of a longer message it would make a file
_MESSAGE = 4000  # bytes of 4,096
_TITLE = 200
_LINE = 300
_URGENT, _NORMAL = 5, 3

# https://docs.ntfy.sh/publish/#updating-deleting-notifications, of 2.16: one that comes again takes the place of the
# first. Older servers leave it out, and show both.
_SEQUENCE = re.compile(r"[-_A-Za-z0-9]{1,64}")

# https://github.com/binwiederhier/ntfy/blob/main/server/errors.go: not UTF-8, no message, no JSON
_FORM = (40011, 40017, 40024)


class Ntfy(Timed):
    """Publishes the alert as a notification: its headline, and what there is room for behind it, as plain text."""

    simply = None

    def __init__(self, section: NtfySection) -> None:
        super().__init__(section, section.pace_seconds, every_filing=section.every_filing)
        self.url = section.url.get_secret_value()
        self._topic = section.topic.get_secret_value()
        self._token = section.token.get_secret_value() if section.token else None
        self._template = section.template

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address, the topic and the token."""
        return (self.url, self._topic, *([self._token] if self._token else []))

    def request(self, content: Alert | Notice, body: bytes, now: datetime) -> Request:
        """The content as a notification."""
        return self._request([content])

    def together(self, alerts: Sequence[Alert], now: datetime) -> Request:
        """One notification on the filing, which says why for each rule."""
        return self._request(alerts)

    def _request(self, contents: Sequence[Alert | Notice]) -> Request:
        one = told(contents, self._template)
        lines = fitted(one.parts, _MESSAGE, _line, _line, _bytes)
        urgent = any(isinstance(each, Alert) and each.priority is Priority.URGENT for each in contents)
        message = {
            "topic": self._topic,
            "title": cut(one.headline, _TITLE),
            "message": "\n".join(lines) or one.headline,
            "priority": _URGENT if urgent else _NORMAL,
            **({"click": one.link} if one.link else {}),
            **({"sequence_id": contents[0].id} if _SEQUENCE.fullmatch(contents[0].id) else {}),
        }
        authorized = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return Request(
            url=self.url,
            headers={"Content-Type": "application/json", "User-Agent": "filingbell", **authorized},
            body=orjson.dumps(message),
        )

    def judge(self, answer: Answer | NoAnswer) -> Outcome:
        """By HTTP, and by ntfy's own code where the message is not taken; it calls nothing final."""
        if isinstance(answer, Answer) and answer.status >= 400 and described(answer).get("code") in _FORM:
            return outcome(answer, DeliveryState.PENDING, Reason.INVALID_MESSAGE)
        return judged(answer)


def _line(text: str) -> str:
    return cut(text, _LINE)


def _bytes(text: str) -> int:
    return len(text.encode())
