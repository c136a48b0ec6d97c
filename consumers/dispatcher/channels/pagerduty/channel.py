"""PagerDuty: the events that are sent there, and what PagerDuty answers."""

from datetime import datetime
from typing import Any

import orjson

from consumers.dispatcher.channels.pagerduty.section import PagerDutySection
from consumers.dispatcher.channels.timed import Timed
from consumers.dispatcher.outcome import Outcome, judged, outcome
from consumers.dispatcher.parts import fitted, told
from consumers.dispatcher.post import Answer, NoAnswer, Request
from consumers.dispatcher.room import cut
from service.model.alert import Alert
from service.model.delivery import DeliveryState, Reason
from service.model.notice import Notice, NoticeKind
from service.model.rule import Priority

# https://developer.pagerduty.com/docs/events-api-v2-overview
_SUMMARY = 1024
_DETAILS = 100_000  # bytes; of a whole event it takes 512 KB
_LINE = 1000
_KNOWN = 255
_INVALID = 400


class PagerDuty(Timed):
    """Opens an incident for each alert, and for what is wrong with the service one that closes when it is over."""

    together = None
    simply = None

    def __init__(self, section: PagerDutySection) -> None:
        super().__init__(section, section.pace_seconds)
        self.url = section.url.get_secret_value()
        self._key = section.key.get_secret_value()
        self._severity = section.severity

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address and the integration key."""
        return (self.url, self._key)

    def request(self, content: Alert | Notice, body: bytes, now: datetime) -> Request:
        """The content as an event, by which PagerDuty can tell a repetition."""
        over = isinstance(content, Notice) and content.cleared
        event: dict[str, Any] = {
            "routing_key": self._key,
            "event_action": "resolve" if over else "trigger",
            "dedup_key": _incident(content),
        }
        return Request(
            url=self.url,
            headers={"Content-Type": "application/json", "User-Agent": "filingbell"},
            body=orjson.dumps(event | ({} if over else self._told(content))),
        )

    def _told(self, content: Alert | Notice) -> dict[str, Any]:
        one = told([content])
        urgent = isinstance(content, Alert) and content.priority is Priority.URGENT
        lines = fitted(one.parts, _DETAILS, lambda line: cut(line, _LINE), str, lambda line: len(line.encode()))
        payload = {
            "summary": cut(one.headline, _SUMMARY),
            "source": "filingbell",
            "severity": "critical" if urgent else self._severity,
            "component": cut(one.about, _LINE),
            "class": content.rule if isinstance(content, Alert) else content.kind,
            "custom_details": {"filing": one.foot, "text": "\n".join(lines), **_trade(content)},
        }
        links = [{"href": one.link, "text": "Filing"}] if one.link else []
        return {"client": "filingbell", "payload": payload, "links": links}

    def judge(self, answer: Answer | NoAnswer) -> Outcome:
        """By HTTP; 400 is about the event, unless it is about the key. PagerDuty calls nothing final."""
        if isinstance(answer, Answer) and answer.status == _INVALID and "routing_key" not in answer.text:
            return outcome(answer, DeliveryState.PENDING, Reason.INVALID_MESSAGE)
        return judged(answer)


def _trade(content: Alert | Notice) -> dict[str, str]:
    """On which trade it is that another filing has told of, and which alert it follows."""
    if not isinstance(content, Alert) or content.first_told_by is None:
        return {}
    return {"trade_id": content.trade_id or "", **({"follows": content.follows} if content.follows else {})}


def _incident(content: Alert | Notice) -> str:
    """By what PagerDuty knows the incident again: what is wrong with the service is one as long as it lasts."""
    if isinstance(content, Alert) or content.kind is NoticeKind.DIGEST:
        return content.id
    return f"{content.kind}/{content.subject}"[:_KNOWN]
