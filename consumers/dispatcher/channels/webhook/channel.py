"""Webhooks as Standard Webhooks 1.0 has them: the alert as JSON, signed with every active secret or key."""

from datetime import datetime

from consumers.dispatcher.channels.timed import Timed
from consumers.dispatcher.channels.webhook.section import WebhookSection
from consumers.dispatcher.channels.webhook.signing import signer
from consumers.dispatcher.outcome import Outcome, judged, outcome
from consumers.dispatcher.post import Answer, NoAnswer, Request
from service.model.alert import Alert
from service.model.delivery import DeliveryState, Reason
from service.model.notice import Notice

_GONE = 410


class Webhook(Timed):
    """Posts the alert as it stands on form4.alerts, or the notice."""

    together = None
    simply = None

    def __init__(self, section: WebhookSection) -> None:
        super().__init__(section)
        self.url = section.url.get_secret_value()
        self._secrets = [secret.get_secret_value() for secret in section.secrets]
        self._signers = [signer(secret) for secret in self._secrets]

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address, the signing secrets and the private keys."""
        return (self.url, *self._secrets)

    def request(self, content: Alert | Notice, body: bytes, now: datetime) -> Request:
        """The content, signed for *now*."""
        signatures = [signer.sign(content.id, now, body.decode()) for signer in self._signers]
        return Request(
            url=self.url,
            headers={
                "Content-Type": "application/json",
                "User-Agent": "filingbell",
                "webhook-id": content.id,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": " ".join(signatures),
            },
            body=body,
        )

    def judge(self, answer: Answer | NoAnswer) -> Outcome:
        """By HTTP; 410 is final: Standard Webhooks has a receiver say so that it wants no more."""
        if isinstance(answer, Answer) and answer.status == _GONE:
            return outcome(answer, DeliveryState.DEAD, Reason.GONE)
        return judged(answer)
