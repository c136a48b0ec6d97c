"""Microsoft Teams: what is posted to a workflow, which posts it on. It answers by HTTP, and calls nothing final."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson

from consumers.dispatcher.channels.teams.card import Card, card, plain_card
from consumers.dispatcher.channels.teams.section import TeamsSection
from consumers.dispatcher.outcome import Outcome, judged
from consumers.dispatcher.post import Answer, NoAnswer, Request
from service.model.alert import Alert
from service.model.notice import Notice


class Teams:
    """Posts the alert as an Adaptive Card that a person reads at a glance."""

    def __init__(self, section: TeamsSection) -> None:
        self.url = section.url.get_secret_value()
        self.interval = timedelta(seconds=section.pace_seconds)
        self.quiet = section.quiet

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address."""
        return (self.url,)

    def request(self, content: Alert | Notice, body: bytes, now: datetime) -> Request:
        """The content as a card."""
        return self._request(card(content))

    def together(self, alerts: Sequence[Alert], now: datetime) -> Request:
        """One card on the filing, which says why for each rule."""
        return self._request(card(*alerts))

    def simply(self, contents: Sequence[Alert | Notice], now: datetime) -> Request:
        """A card with the headline alone."""
        return self._request(plain_card(*contents))

    def _request(self, content: Card) -> Request:
        attachment = {
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": None,
            "content": content,
        }
        return Request(
            url=self.url,
            headers={"Content-Type": "application/json", "User-Agent": "filingbell"},
            body=orjson.dumps({"type": "message", "attachments": [attachment]}),
        )

    def judge(self, answer: Answer | NoAnswer) -> Outcome:
        """By HTTP alone: whoever owns the workflow can repair it, and nothing that it answers is for good."""
        return judged(answer)
