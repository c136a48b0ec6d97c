"""An alert as its channels get it: what people see, and the body of the request that brings it; nothing secret."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email import message_from_bytes
from email.policy import default

from msgspec import Struct
from msgspec.structs import replace

from consumers.dispatcher.channelbook import Addressee, addressed_by
from consumers.dispatcher.post import Mail, Notification, Parcel
from consumers.dispatcher.seen import SeenPart, seen
from service.model.alert import Alert
from service.model.delivery import DeliveryState
from service.model.errors import ConfigError
from service.model.resource import Resource
from service.scrub import Scrubber
from service.store.ledger import Delivery
from service.vault import Vault
from service.wire import encode


class SentMessage(Struct, frozen=True, kw_only=True):
    """What a channel is sent."""

    parts: tuple[SeenPart, ...]  # as its service shows it
    body: str  # as it is sent, JSON in lines
    size: int  # bytes


def as_sent(vault: Vault, channel: Resource, alerts: Sequence[Alert], now: datetime) -> SentMessage | None:
    """What *channel* is sent for *alerts*, one or those told together; None: it cannot be read, or its key is lost."""
    try:
        addressed = addressed_by(channel, vault.opened(dict(channel.section)))
    except ConfigError:
        return None
    return message(addressed, alerts, now)


def message(addressed: Addressee, alerts: Sequence[Alert], now: datetime) -> SentMessage:
    """The same of a channel that can be read."""
    channel, first = addressed.channel, alerts[0]
    hide = Scrubber(channel.secrets, names=[addressed.name])
    if len(alerts) > 1 and channel.together is not None:
        parcel = channel.together(alerts, now)
    else:
        parcel = channel.request(first, encode(first), now)
    parts = tuple(SeenPart(how=one.how, text=hide(one.text), url=one.url) for one in seen(parcel))
    return SentMessage(parts=parts, body=hide(_readable(parcel)), size=len(parcel.body))


def told_in_one(delivery: Delivery, alerts: Mapping[str, Alert], owed: Iterable[Delivery]) -> list[Alert]:
    """The alerts that the message told which brought *delivery*, itself among them, as its channel knew them.

    *alerts* are those on its trade by their ids, *owed* what came of them; what is kept no more is left out.
    """
    mine = [one for one in owed if one.channel == delivery.channel]
    lead = delivery.told_with or delivery.id
    ids = [lead, *(one.id for one in mine if one.told_with == lead)]
    told = [alerts[one] for one in ids if one in alerts]
    if told and told[0].repeats and not any(_is_before(one, delivery, told[0], ids) for one in mine):
        told[0] = replace(told[0], follows=None)  # it was, or is, told in full
    return told


def _is_before(one: Delivery, delivery: Delivery, alert: Alert, ids: Sequence[str]) -> bool:
    """Whether *one*, by the rule of *alert*, was told before *delivery*, in another message than *ids*."""
    if one.id in ids or one.rule_id != alert.rule_id or one.state is not DeliveryState.DELIVERED or one.settled is None:
        return False
    return delivery.settled is None or one.settled <= delivery.settled


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
