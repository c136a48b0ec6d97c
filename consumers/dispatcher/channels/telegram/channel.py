"""Telegram: what its bot is asked to write, and what Telegram answers."""

from collections.abc import Sequence
from datetime import datetime

import orjson

from consumers.dispatcher.channels.telegram.section import TelegramSection
from consumers.dispatcher.channels.timed import Timed
from consumers.dispatcher.outcome import Outcome, described, judged
from consumers.dispatcher.parts import fitted, told
from consumers.dispatcher.post import Answer, NoAnswer, Request
from consumers.dispatcher.room import cut, units
from service.model.alert import Alert
from service.model.notice import Notice

# https://core.telegram.org/bots/api#sendmessage
_TEXT = 4096
_HEADLINE = 500
_LINE = 300


class Telegram(Timed):
    """Has the bot write the alert as plain text."""

    simply = None
    tells_again = True

    def __init__(self, section: TelegramSection) -> None:
        super().__init__(section, section.pace_seconds, every_filing=section.every_filing)
        self._token = section.token.get_secret_value()
        self._server = section.url.get_secret_value()
        self._chat = section.chat
        self.url = f"{self._server.rstrip('/')}/bot{self._token}/sendMessage"
        self._template = section.template

    @property
    def secrets(self) -> tuple[str, ...]:
        """The token, and the address of which it is a part."""
        return (self._server, self._token)

    def request(self, content: Alert | Notice, body: bytes, now: datetime) -> Request:
        """The content as text."""
        return self._request([content])

    def together(self, alerts: Sequence[Alert], now: datetime) -> Request:
        """One message on the filing, which says why for each rule."""
        return self._request(alerts)

    def _request(self, contents: Sequence[Alert | Notice]) -> Request:
        one = told(contents, self._template)
        top = [_line(one.headline, _HEADLINE), *([one.link] if one.link else []), "", _line(one.about)]
        foot = ["", _line(one.foot)]
        room = _TEXT - sum(units(line) + 1 for line in (*top, *foot))
        message = {
            "chat_id": self._chat,
            "text": "\n".join([*top, *fitted(one.parts, room, _line, _line, units), *foot]),
            "link_preview_options": {"is_disabled": True},
        }
        return Request(
            url=self.url,
            headers={"Content-Type": "application/json", "User-Agent": "filingbell"},
            body=orjson.dumps(message),
        )

    def judge(self, answer: Answer | NoAnswer) -> Outcome:
        """By HTTP; how long to wait Telegram may say in the answer itself. It calls nothing final."""
        found = judged(answer)
        parameters = described(answer).get("parameters") if isinstance(answer, Answer) else None
        return found.waiting(parameters.get("retry_after")) if isinstance(parameters, dict) else found


def _line(text: str, most: int = _LINE) -> str:
    """*text* within a line. Its @ is another sign of that look: Telegram notifies whoever a name belongs to."""
    return cut(text, most).replace("@", "\N{FULLWIDTH COMMERCIAL AT}")
