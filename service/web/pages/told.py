"""How it stands with channels and deliveries, in a word and a sentence or two."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from service.control.channel_desk import Desk
from service.control.channels import open_circuit
from service.control.sampling import ADVICE
from service.model.delivery import DeliveryState, Reason, Suppression
from service.model.message import MessageKind
from service.store.channels import PATIENCE, PROBE, ChannelState
from service.store.ledger import Delivery
from service.store.resending import Resent
from service.words import counted, eastern

_HOUR = timedelta(hours=1)
_THE_LAST = " tries; the last: "  # in what is kept of a delivery that was given up, before the last answer

WHY_NOT: Mapping[Suppression, str] = {
    Suppression.REMOVED: "The channel had been removed.",
    Suppression.ELSEWHERE: "The channel belongs to another workspace.",
    Suppression.MOVED: "It was moved to another channel, which is told instead.",
    Suppression.HISTORY: "The filing is of the past: such filings alert nobody unless a digest is asked for.",
    Suppression.ITSELF: "It says that this channel takes nothing. It is told to other channels, and shown under Trust.",
    Suppression.SILENCED: "It is silenced. It can still be sent.",
}
"""Why a channel is not told."""

_REASONS: Mapping[Reason, str] = {
    Reason.RECEIVED: "received",
    Reason.REFUSED: "refused by the service",
    Reason.INVALID_MESSAGE: "the service does not take this message",
    Reason.GONE: "the receiver accepts no more messages",
    Reason.RATE_LIMITED: "the receiver asks to wait",
    Reason.CLIENT_ERROR: "the receiver refused it",
    Reason.SERVER_ERROR: "the receiver failed",
    Reason.REDIRECT: "the address leads elsewhere",
    Reason.TIMEOUT: "no answer in time",
    Reason.NO_CONNECTION: "no connection",
    Reason.NOT_ALLOWED: "the address is not allowed",
    Reason.TLS: "no valid certificate",
    Reason.NOT_HTTP: "the answer is not HTTP",
    Reason.OUR_FAULT: "filingbell failed on it",
}


class Told(Struct, frozen=True, kw_only=True):
    """A state in words."""

    word: str
    kind: str = ""  # of a pill: good, warn, bad, live or empty
    line: str = ""  # what it means
    answer: str = ""  # what the service said last, in its own words
    advice: str = ""  # what to do; empty: nothing


def of_channel(desk: Desk, now: datetime) -> Told:
    """How it stands with a channel."""
    state = desk.state
    if not desk.channel.enabled:
        return Told(word="disabled", line="Its alerts wait.", advice="Enable it to send again.")
    if state.probed or state.failing_since is not None:
        return _of_failing(state, now)
    if state.paused_until is not None and state.paused_until > now:
        line = f"It asked to wait until {eastern(state.paused_until, seconds=True)}; its alerts go then."
        return Told(word="paused", kind="warn", line=line, answer=state.detail or "")
    if desk.quiet_until is not None:
        line = f"Its quiet hours end at {eastern(desk.quiet_until)}; until then only alerts of urgent rules are sent."
        return Told(word="quiet", kind="live", line=line)
    if state.succeeded_at is not None:
        return Told(word="works", kind="good", line=f"It took the last message at {eastern(state.succeeded_at)}.")
    return Told(word="not used yet", line="Nothing was sent to it yet.", advice="Send a test to see whether it works.")


def of_delivery(one: Delivery) -> Told:
    """Where a delivery stands."""
    answer, tries = _answer(one.last.detail if one.last else None), counted(one.tries, "try", "tries")
    if one.state is DeliveryState.SUPPRESSED:
        return Told(word="not sent", line=WHY_NOT[Suppression(one.reason)] if one.reason else "")
    if one.state is DeliveryState.DELIVERED:
        together = one.told_in is not None or one.told_with is not None
        how = "with others, in one message" if together else f"after {tries}" if one.tries > 1 else ""
        at = eastern(one.settled, seconds=True) if one.settled else ""
        return Told(word="delivered", kind="good", line=", ".join(part for part in (at, how) if part))
    if one.state is DeliveryState.DEAD and one.kind is MessageKind.TEST:
        line, advice = f"A test is tried once{_why(one)}.", _advice(one.reason)
        return Told(word="not taken", line=line, answer=answer, advice=advice)
    if one.state is DeliveryState.DEAD:
        seen = f", acknowledged {eastern(one.acknowledged)}" if one.acknowledged else ""
        line = f"Given up after {tries}{_why(one)}{seen}."
        return Told(
            word="given up",
            kind="" if one.acknowledged else "bad",
            line=line,
            answer=answer,
            advice=_advice(one.reason),
        )
    return _of_pending(one, answer, tries)


def reason(given: str | None) -> str:
    """Why a try failed, in words; empty: none has."""
    return _REASONS[Reason(given)] if given in set(Reason) else ""


def of_resent(again: Resent) -> str:
    """What is sent again, and by when."""
    count = sum(again.counts.values())
    by = f", the last by {eastern(again.last, seconds=True)}" if again.last and count > 1 else ""
    gone = f" {counted(again.gone, 'message')} cannot be: what was said is no longer kept." if again.gone else ""
    if not count:
        return f"Nothing is sent again: nothing of these was given up.{gone}"
    return f"{counted(count, 'delivery', 'deliveries')} sent again, oldest first, under the same ids{by}.{gone}"


def _of_failing(state: ChannelState, now: datetime) -> Told:
    answer, advice = _answer(state.detail), _advice(state.reason)
    if state.disabled_since is None and state.opened is not None:
        since, tried = eastern(state.opened, seconds=True), eastern(state.next_try(now), seconds=True)
        line = (
            f"Most requests failed: since {since} one alert at a time tries it, the next at {tried}. The others wait."
        )
        return Told(word="circuit open", kind="bad", line=line, answer=answer, advice=advice)
    if state.disabled_since is None:
        since = eastern(state.failing_since) if state.failing_since else ""
        line = f"It has taken nothing since {since}; its alerts are tried again by themselves."
        return Told(word="failing", kind="bad", line=line, answer=answer, advice=advice)
    since, tried = eastern(state.disabled_since), eastern(state.next_try(now))
    line = f"It took nothing for {PATIENCE // _HOUR} hours, and is disabled since {since}; its alerts are kept. "
    line += f"One alert tries it every {PROBE // _HOUR} hours, the next at {tried}."
    return Told(
        word="given up", kind="bad", line=line, answer=answer, advice=f"{advice} Enable it once it works.".strip()
    )


def _of_pending(one: Delivery, answer: str, tries: str) -> Told:
    if one.told_in is not None:
        return Told(word="waiting", kind="live", line="It is told with others, in one message.")
    if one.held_until is not None:
        return Told(word="held", kind="live", line=_held(one, eastern(one.held_until)))
    due = f"next try {eastern(one.due, seconds=True)}" if one.due else ""
    if one.circuit is not None:
        tried = f"{tries}{_why(one)}" if one.tries else "not tried yet"
        line = f"Its channel's circuit is {open_circuit(one.circuit)}; {tried}."
        return Told(word="waiting", kind="warn", line=line, answer=answer, advice=_advice(one.reason))
    if not one.tries:
        return Told(word="waiting", kind="live", line="Not tried yet.")
    return Told(
        word="retrying", kind="warn", line=f"{tries}{_why(one)}; {due}.", answer=answer, advice=_advice(one.reason)
    )


def _held(one: Delivery, until: str) -> str:
    if not one.gathered:
        return f"Held until {until}, when the quiet hours end."
    if one.beyond is not None:
        return f"Beyond the maximum an hour of its {one.beyond}: told with others, {until}."
    return f"It is told in the channel's digest, {until}."


def _answer(detail: str | None) -> str:
    """What the service said itself."""
    return (detail or "").rpartition(_THE_LAST)[2]


def _why(one: Delivery) -> str:
    said = reason(one.reason)
    return f" ({said})" if said else ""


def _advice(given: str | None) -> str:
    return ADVICE[Reason(given)] if given in set(Reason) and given != Reason.RECEIVED else ""
