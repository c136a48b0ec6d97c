"""What an answer means for a delivery. The default loses nothing: whatever is not 2xx is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import orjson

from consumers.dispatcher.post import Answer, NoAnswer
from consumers.dispatcher.retry_after import seconds_of
from service.model.delivery import DeliveryState, Reason

_SHOWN = 300  # characters of the body


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a request."""

    state: DeliveryState  # DELIVERED; PENDING: try again; DEAD: only a person brings it back
    reason: Reason
    status: int | None  # None: no answer
    detail: str  # for a person
    retry_after: timedelta | None = None  # what the receiver asked for, a day at most
    everywhere: bool = False  # all channels of its kind are to wait, since the service counts what comes from us
    receipt: str | None = None  # the service's own name for what it took; None: it gives none

    def waiting(self, seconds: object) -> "Outcome":
        """The same where the body asks for a wait of *seconds* (JSON): that, or what its header asks for if longer."""
        wait = seconds_of(seconds)
        return self if wait is None else replace(self, retry_after=max(wait, self.retry_after or wait))


def judged(answer: Answer | NoAnswer) -> Outcome:
    """*answer* by HTTP alone: 2xx is delivered whatever its body does, and nothing is final."""
    if isinstance(answer, NoAnswer):
        return Outcome(state=DeliveryState.PENDING, reason=answer.reason, status=None, detail=answer.detail)
    if 200 <= answer.status < 300:
        return outcome(answer, DeliveryState.DELIVERED, Reason.RECEIVED)
    return outcome(answer, DeliveryState.PENDING, _reason(answer.status))


def outcome(answer: Answer, state: DeliveryState, reason: Reason) -> Outcome:
    """*answer*, taken as *state* for *reason*, with what it said."""
    detail = f"{answer.status} {answer.phrase}".strip()
    if reason is Reason.REDIRECT:
        detail += ": redirects are not followed; configure the address it leads to"
    elif reason is not Reason.RECEIVED and answer.text:
        detail += f": {answer.text[:_SHOWN]}"
    return Outcome(state=state, reason=reason, status=answer.status, detail=detail, retry_after=answer.retry_after)


def described(answer: Answer) -> Mapping[str, Any]:
    """What *answer* says as a JSON object; empty: it is not one, or was not read to its end."""
    try:
        content = orjson.loads(answer.text)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _reason(status: int) -> Reason:
    match status:
        case 410:
            return Reason.GONE
        case 413:
            return Reason.INVALID_MESSAGE
        case 429:
            return Reason.RATE_LIMITED
    if status < 200:
        return Reason.NOT_HTTP  # 101 and such: nothing that was asked for
    if status < 400:
        return Reason.REDIRECT
    return Reason.CLIENT_ERROR if status < 500 else Reason.SERVER_ERROR
