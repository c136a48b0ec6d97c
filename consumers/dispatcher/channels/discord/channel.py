"""Discord webhooks: what is posted there, and what Discord answers."""

from dataclasses import replace

from consumers.dispatcher.channels.discord.message import message, plain_message
from consumers.dispatcher.channels.discord.section import DiscordSection
from consumers.dispatcher.channels.posted import Posted
from consumers.dispatcher.outcome import Outcome, described, judged, outcome
from consumers.dispatcher.post import Answer, NoAnswer
from service.model.delivery import DeliveryState, Reason

# https://docs.discord.com/developers/topics/rate-limits
# https://docs.discord.com/developers/topics/opcodes-and-status-codes#json-json-error-codes
_FINAL = (10015, 50027)  # unknown webhook, invalid webhook token: neither comes back
_FORM = (50006, 50035)  # cannot send an empty message, invalid form body: another message may be taken


def discord_channel(section: DiscordSection) -> Posted:
    """Posts the alert as an embed."""
    return Posted(section, message, plain_message, _judged)


def _judged(answer: Answer | NoAnswer) -> Outcome:
    """By Discord's own code where it gives one with a refusal; else by HTTP.

    How long to wait stands in the body, to the millisecond, and whether that holds for all that this address sends.
    """
    if isinstance(answer, Answer) and answer.status >= 400:
        said = described(answer)
        code = said.get("code")
        if code in _FINAL:
            return outcome(answer, DeliveryState.DEAD, Reason.REFUSED)
        if code in _FORM:
            return outcome(answer, DeliveryState.PENDING, Reason.INVALID_MESSAGE)
        return replace(judged(answer).waiting(said.get("retry_after")), everywhere=said.get("global") is True)
    return judged(answer)
