"""Microsoft Teams: what is posted to a workflow, which posts it on. It answers by HTTP, and calls nothing final."""

from typing import Any

from consumers.dispatcher.channels.posted import Content, Posted
from consumers.dispatcher.channels.teams.card import Card, card, plain_card
from consumers.dispatcher.channels.teams.section import TeamsSection
from consumers.dispatcher.outcome import judged
from consumers.dispatcher.template import Template


def teams_channel(section: TeamsSection) -> Posted:
    """Posts the alert as an Adaptive Card.

    It is judged by HTTP alone: whoever owns the workflow can repair it, and nothing that it answers is for good.
    """
    return Posted(section, _message, _plain, judged)


def _message(*contents: Content, template: Template | None) -> dict[str, Any]:
    return _attached(card(*contents, template=template))


def _plain(*contents: Content) -> dict[str, Any]:
    return _attached(plain_card(*contents))


def _attached(content: Card) -> dict[str, Any]:
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": content,
    }
    return {"type": "message", "attachments": [attachment]}
