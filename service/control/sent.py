"""An alert as its channels get it: what people see, and the body of the request that brings it; nothing secret."""

import json
from datetime import datetime
from email import message_from_bytes
from email.policy import default

from msgspec import Struct

from consumers.dispatcher.channelbook import Addressee, addressed_by
from consumers.dispatcher.post import Mail, Notification, Parcel
from consumers.dispatcher.seen import Part, seen
from service.model.alert import Alert
from service.model.errors import ConfigError
from service.model.resource import Resource
from service.scrub import Scrubber
from service.vault import Vault
from service.wire import encode


class Message(Struct, frozen=True, kw_only=True):
    """What a channel is sent."""

    parts: tuple[Part, ...]  # as its service shows it
    body: str  # as it is sent, JSON in lines
    size: int  # bytes


def as_sent(vault: Vault, channel: Resource, alert: Alert, now: datetime) -> Message | None:
    """What *channel* is sent for *alert* by itself; None: this version cannot read it, or its key is lost."""
    try:
        addressed = addressed_by(channel, vault.opened(dict(channel.section)))
    except ConfigError:
        return None
    return message(addressed, alert, now)


def message(addressed: Addressee, alert: Alert, now: datetime) -> Message:
    """The same of a channel that can be read."""
    hide = Scrubber(addressed.channel.secrets, names=[addressed.name])
    parcel = addressed.channel.request(alert, encode(alert), now)
    parts = tuple(Part(how=one.how, text=hide(one.text), url=one.url) for one in seen(parcel))
    return Message(parts=parts, body=hide(_readable(parcel)), size=len(parcel.body))


def _readable(parcel: Parcel) -> str:
    """The body of *parcel*, JSON in lines; of a mail its header and its text, as a mail program shows them."""
    if isinstance(parcel, Notification):
        return "\n\n".join(filter(None, [parcel.title, parcel.body.decode()]))
    if not isinstance(parcel, Mail):
        try:
            return json.dumps(json.loads(parcel.body), indent=2, ensure_ascii=False)
        except ValueError:
            return parcel.body.decode()
    message = message_from_bytes(parcel.body, policy=default)
    text = message.get_body(("plain",))
    header = "\n".join(f"{name}: {value}" for name, value in message.items())
    return f"{header}\n\n{text.get_content() if text is not None else ''}"
