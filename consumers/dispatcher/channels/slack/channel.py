"""Slack incoming webhooks: what is posted there, and what Slack answers."""

from consumers.dispatcher.blocks import message, plain_message
from consumers.dispatcher.channels.posted import Posted
from consumers.dispatcher.channels.slack.section import SlackSection
from consumers.dispatcher.outcome import Outcome, described, judged, outcome
from consumers.dispatcher.post import Answer, NoAnswer
from service.model.delivery import DeliveryState, Reason

# What Slack answers in words, with whatever status; in part at
# https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
# and else under "Handling errors" of https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
_FINAL = frozenset(  # the webhook, or where it leads to, is there no more
    {
        "channel_is_archived",
        "channel_not_found",
        "invalid_token",
        "no_active_hooks",
        "no_service",
        "no_service_id",
        "no_team",
        "team_disabled",
        "user_not_found",
    }
)
_FORM = frozenset(  # about the message: another one may be taken
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_payload",
        "missing_text_or_fallback_or_attachments",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
_REFUSED = frozenset(
    {"action_prohibited", "posting_to_general_channel_denied", "rollup_error"}
)  # somebody can allow it
_SLOW = frozenset({"rate_limited", "ratelimited"})


def slack_channel(section: SlackSection) -> Posted:
    """Posts the alert as blocks."""
    return Posted(section, message, plain_message, _judged, "application/json; charset=utf-8")


def _judged(answer: Answer | NoAnswer) -> Outcome:
    """By Slack's own word where it says one, also with 200; else by HTTP."""
    word = _word(answer) if isinstance(answer, Answer) else None
    if word is None or isinstance(answer, NoAnswer):
        return judged(answer)
    if word in _SLOW:
        return outcome(answer, DeliveryState.PENDING, Reason.RATE_LIMITED)
    if word in _FORM:
        return outcome(answer, DeliveryState.PENDING, Reason.INVALID_MESSAGE)
    return outcome(answer, DeliveryState.DEAD if word in _FINAL else DeliveryState.PENDING, Reason.REFUSED)


def _word(answer: Answer) -> str | None:
    """The error that Slack names: bare, or as the ``error`` of ``{"ok": false}``; None: it names none."""
    if answer.text.startswith("{"):
        content = described(answer)
        return str(content.get("error", "")) if content.get("ok") is False else None
    return answer.text if answer.text in _FINAL | _FORM | _REFUSED | _SLOW else None
