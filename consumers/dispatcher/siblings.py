"""Channels that go to the same place, whosever they are: its service counts what comes from all of them. Pure."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from msgspec import Struct

from service.model.identity import ChannelId

_WHERE = ("type", "url", "server", "token", "channel", "chat", "key", "topic", "to")  # the settings that say it


class Paced(Struct, frozen=True, kw_only=True):
    """A channel, and where it goes."""

    id: ChannelId
    place: str
    interval: timedelta  # zero: it has no pace that it could share


def place_of(section: Mapping[str, Any]) -> str:
    """Where the channel of *section*, which was opened, goes; nobody can tell an address or a secret from it."""
    where = [section.get(name) for name in _WHERE]
    return hashlib.sha256(json.dumps(where, default=str).encode()).hexdigest()


def siblings(channels: Iterable[Paced]) -> dict[ChannelId, tuple[ChannelId, ...]]:
    """To each that shares its place all that go there, itself as well: one list for all of them."""
    places = defaultdict[str, list[ChannelId]](list)
    for one in channels:
        if one.interval:
            places[one.place].append(one.id)
    found: dict[ChannelId, tuple[ChannelId, ...]] = {}
    for ids in places.values():
        if len(ids) > 1:
            found |= dict.fromkeys(ids, tuple(ids))
    return found
