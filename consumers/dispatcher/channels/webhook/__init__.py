"""Webhooks as Standard Webhooks 1.0 has them."""

from consumers.dispatcher.channels.webhook.channel import Webhook
from consumers.dispatcher.channels.webhook.checking import Verifier, verifier
from consumers.dispatcher.channels.webhook.section import WebhookSection
from consumers.dispatcher.channels.webhook.signing import Signature, made, scheme, signer

__all__ = ["Signature", "Verifier", "Webhook", "WebhookSection", "made", "scheme", "signer", "verifier"]
