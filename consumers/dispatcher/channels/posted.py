"""Services that take a message as JSON at an address of their own, which is all the secret there is."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import orjson
from pydantic import SecretStr

from consumers.dispatcher.channels.timed import Timed, Times
from consumers.dispatcher.outcome import Outcome
from consumers.dispatcher.post import Answer, NoAnswer, Request
from consumers.dispatcher.template import Template
from service.model.alert import Alert
from service.model.notice import Notice

Content = Alert | Notice


class Addressed(Times, Protocol):
    """What is set for such a channel."""

    @property
    def url(self) -> SecretStr:
        """Where it is posted to."""
        ...

    @property
    def pace_seconds(self) -> float:
        """From one message to the next."""
        ...

    @property
    def every_filing(self) -> bool:
        """Whether each filing on a trade is a message of its own."""
        ...

    @property
    def template(self) -> Template | None:
        """What alerts say; None: the usual."""
        ...


class Posted(Timed):
    """A channel that posts what *message* makes of its contents; *plain* makes the simplest form that there is.

    *judge* knows the service's errors, *media* is the type that the service asks for.
    """

    tells_again = True

    def __init__(
        self,
        section: Addressed,
        message: Callable[..., Any],
        plain: Callable[..., Any],
        judge: Callable[[Answer | NoAnswer], Outcome],
        media: str = "application/json",
    ) -> None:
        super().__init__(section, section.pace_seconds, every_filing=section.every_filing)
        self.url = section.url.get_secret_value()
        self._message = partial(message, template=section.template)
        self._plain = plain
        self._judge = judge
        self._headers = {"Content-Type": media, "User-Agent": "filingbell"}

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address."""
        return (self.url,)

    def request(self, content: Content, body: bytes, now: datetime) -> Request:
        """The content as a message that a person reads at a glance."""
        return self._request(self._message(content))

    def together(self, alerts: Sequence[Alert], now: datetime) -> Request:
        """One message on the filing, which says why for each rule."""
        return self._request(self._message(*alerts))

    def simply(self, contents: Sequence[Content], now: datetime) -> Request:
        """The words alone."""
        return self._request(self._plain(*contents))

    def judge(self, answer: Answer | NoAnswer) -> Outcome:
        """By the service's own errors."""
        return self._judge(answer)

    def _request(self, content: Any) -> Request:
        return Request(url=self.url, headers=dict(self._headers), body=orjson.dumps(content))
