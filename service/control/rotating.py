"""A new signing secret for a webhook; the one before goes on signing until the next."""

from datetime import datetime

from service.control import resources
from service.egress import PUBLIC, Egress
from service.model.errors import Fault, Faulty
from service.model.identity import Revision
from service.model.resource import Actor, Resource, ResourceKind
from service.store import Database
from service.vault import Vault, new_secret

SIGNING = "secrets"  # the setting of the channels that sign


async def rotate(
    database: Database,
    vault: Vault,
    actor: Actor,
    named: str,
    now: datetime,
    *,
    expected: Revision | None = None,
    egress: Egress = PUBLIC,
) -> tuple[Resource, str]:
    """Sign with a new secret as well as with the newest there is; returns the new one, which nobody can read again.

    *egress* is what the channel may name besides the public internet. Raises NotFound, Stale, Forbidden where a file
    owns the channel, and Faulty where it signs nothing.
    """
    kind = ResourceKind.CHANNEL
    before = await resources.find(database, actor.workspace, kind, named)
    content = vault.opened(dict(before.section))
    if SIGNING not in content:
        fault = Fault(("type",), f"a channel of the type {content['type']} signs nothing")
        raise Faulty(f"the channel {before.name!r} has no secret to rotate:", (fault,))
    made, known = new_secret(), content[SIGNING]
    newest = known[0] if isinstance(known, list) else known
    after = await resources.edit(
        database,
        vault,
        actor,
        kind,
        before.id,
        now,
        content={**content, SIGNING: [made, newest]},
        expected=before.revision if expected is None else expected,
        egress=egress,
    )
    return after, made
