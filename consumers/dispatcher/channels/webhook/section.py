"""What is set for a webhook."""

import base64
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from consumers.dispatcher.channels.address import EXAMPLE, Address
from consumers.dispatcher.channels.section import ChannelSection
from consumers.dispatcher.channels.webhook.signing import signer
from consumers.language.sections import several


def _secret(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value()
    signer(secret)
    if base64.b64decode(secret.partition("_")[2]).startswith(EXAMPLE.encode()):
        raise ValueError("this is the example's secret, which everybody knows; make one of your own: filingbell secret")
    return value


class WebhookSection(ChannelSection):
    """The settings of a webhook."""

    called = "a webhook"
    title = "Webhook"
    about = "To a program of yours, as signed JSON"

    type: Literal["webhook"]
    url: Annotated[
        Address,
        Field(
            title="Address",
            description="Where your receiver takes requests.",
            examples=["https://example.com/filingbell"],
        ),
    ]
    secrets: Annotated[
        list[Annotated[SecretStr, AfterValidator(_secret)]],
        several("secret", '["${WEBHOOK_SECRET}"]'),
        Field(
            title="Signing secret",
            description="What signs requests: a secret that your receiver has too, or a private key (whsk_...).",
            examples=["whsec_..."],
        ),
    ]
