"""An alert as its channels get it: the bodies of the requests that bring it, without anything secret."""

import json
from datetime import datetime
from email import message_from_bytes
from email.policy import default

from consumers.dispatcher.channelbook import addressed_by
from consumers.dispatcher.post import Mail, Parcel
from service.model.alert import Alert
from service.model.errors import ConfigError
from service.model.resource import Resource
from service.scrub import Scrubber
from service.vault import Vault
from service.wire import encode


def as_sent(vault: Vault, channel: Resource, alert: Alert, now: datetime) -> str | None:
    """What *channel* is sent for *alert* by itself; None: this version cannot read it, or its key is lost."""
    try:
        addressed = addressed_by(channel, vault.opened(dict(channel.section)))
    except ConfigError:
        return None
    body = _readable(addressed.channel.request(alert, encode(alert), now))
    hide = Scrubber(addressed.channel.secrets, names=[channel.name])
    try:
        return hide(json.dumps(json.loads(body), indent=2, ensure_ascii=False))
    except ValueError:
        return hide(body)


def _readable(parcel: Parcel) -> str:
    """What is in *parcel*; of a mail its header and its text, as a mail program shows them."""
    if not isinstance(parcel, Mail):
        return parcel.body.decode()
    message = message_from_bytes(parcel.body, policy=default)
    text = message.get_body(("plain",))
    header = "\n".join(f"{name}: {value}" for name, value in message.items())
    return f"{header}\n\n{text.get_content() if text is not None else ''}"
