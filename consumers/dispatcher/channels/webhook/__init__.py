"""Webhooks as Standard Webhooks 1.0 has them."""

from consumers.dispatcher.channels.webhook.channel import Webhook
from consumers.dispatcher.channels.webhook.section import WebhookSection
from consumers.dispatcher.channels.webhook.signing import signer

__all__ = ["Webhook", "WebhookSection", "signer"]
