"""Webhooks as Standard Webhooks 1.0 has them: the alert as JSON, signed with every active secret."""

import base64
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, SecretStr
from standardwebhooks import Webhook as Signer

from consumers.dispatcher.channels.address import EXAMPLE, Address
from consumers.dispatcher.channels.section import ChannelSection
from consumers.dispatcher.outcome import Outcome, judged, outcome
from consumers.dispatcher.post import Answer, NoAnswer, Request
from consumers.language.sections import several
from service.model.alert import Alert
from service.model.delivery import Reason, State
from service.model.notice import Notice

_GONE = 410


def signer(secret: str) -> Signer:
    """What signs and verifies with *secret*; raises ValueError for what is not one: the library takes nearly all."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith("whsec_") or not 24 <= len(key) <= 64:
        raise ValueError("a secret is 'whsec_' and 24 to 64 bytes in base64, such as `filingbell secret` prints")
    return Signer(secret)


def _secret(value: SecretStr) -> SecretStr:
    signer(value.get_secret_value())
    if base64.b64decode(value.get_secret_value().removeprefix("whsec_")).startswith(EXAMPLE.encode()):
        raise ValueError("this is the example's secret, which everybody knows; make one of your own: filingbell secret")
    return value


class WebhookSection(ChannelSection):
    """The settings of a webhook."""

    called = "a webhook"

    type: Literal["webhook"]
    url: Address
    secrets: Annotated[
        list[Annotated[SecretStr, AfterValidator(_secret)]],
        several("secret", '["${WEBHOOK_SECRET}"]'),
    ]


class Webhook:
    """Posts the alert as it stands on form4.alerts, or the notice."""

    interval = timedelta(0)
    together = None
    simply = None

    def __init__(self, section: WebhookSection) -> None:
        self.url = section.url.get_secret_value()
        self._secrets = [secret.get_secret_value() for secret in section.secrets]
        self.quiet = section.quiet
        self._signers = [signer(secret) for secret in self._secrets]

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address and the signing secrets."""
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
            return outcome(answer, State.DEAD, Reason.GONE)
        return judged(answer)
