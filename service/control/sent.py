"""An alert as its channels get it: the bodies of the requests that bring it, without anything secret."""

import json
from datetime import datetime

from consumers.dispatcher.channelbook import addressed_by
from service.control import resources
from service.control.sections import Inventory
from service.model.alert import Alert
from service.model.errors import ConfigError
from service.model.identity import WorkspaceId
from service.model.resource import ResourceKind
from service.scrub import Scrubber
from service.store import Database
from service.vault import Vault
from service.wire import encode


async def as_sent(
    database: Database, vault: Vault, workspace: WorkspaceId, channel: str, alert: Alert, now: datetime
) -> str | None:
    """What the *channel* with this id is sent for *alert* by itself; None: it is not there, or its key is lost."""
    known = Inventory(await resources.of_kind(database, workspace, ResourceKind.CHANNEL))
    found = known.find(ResourceKind.CHANNEL, channel)
    if found is None:
        return None
    try:
        addressed = addressed_by(found, vault.opened(dict(found.section)))
    except ConfigError:
        return None
    body = addressed.channel.request(alert, encode(alert), now).body.decode()
    hide = Scrubber(addressed.channel.secrets, names=[found.name])
    try:
        return hide(json.dumps(json.loads(body), indent=2, ensure_ascii=False))
    except ValueError:
        return hide(body)
