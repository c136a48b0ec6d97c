"""A new signing secret, or key pair, for a webhook; the one before goes on signing until the next."""

from datetime import datetime

from consumers.dispatcher.channels.webhook import Signature, made, scheme, signer
from service.control import resources
from service.egress import PUBLIC, Egress
from service.model.errors import ConfigError, Fault, Faulty
from service.model.identity import Revision
from service.model.resource import Actor, Resource, ResourceKind
from service.store import Database
from service.vault import Vault

SIGNING = "secrets"  # the setting of the channels that sign


def public_keys(vault: Vault, channel: Resource) -> tuple[str, ...]:
    """What receivers of *channel* check signatures with, where that is no secret; the newest first."""
    secrets = channel.section.get(SIGNING, ())
    try:
        known = vault.opened(list(secrets) if isinstance(secrets, list | tuple) else [secrets])
    except ConfigError:  # its key is lost
        return ()
    return tuple(signer(one).shown for one in known if scheme(one) is Signature.KEY_PAIR)


async def rotate(
    database: Database,
    vault: Vault,
    actor: Actor,
    named: str,
    now: datetime,
    *,
    signature: Signature | None = None,
    expected: Revision | None = None,
    egress: Egress = PUBLIC,
) -> tuple[Resource, str]:
    """Sign with a new secret as well as with the newest there is; returns what the receiver checks the new one with.

    That is the secret itself, or a public key where *signature* says so (None: as the newest does). Nobody can read the
    secret again.

    *egress* is what the channel may name besides the public internet. Raises NotFound, Stale, Forbidden where a file
    owns the channel, and Faulty where it signs nothing.
    """
    kind = ResourceKind.CHANNEL
    before = await resources.find(database, actor.workspace, kind, named)
    content = vault.opened(dict(before.section))
    if SIGNING not in content:
        fault = Fault(("type",), f"a channel of the type {content['type']} signs nothing")
        raise Faulty(f"the channel {before.name!r} has no secret to rotate:", (fault,))
    known = content[SIGNING]
    newest = known[0] if isinstance(known, list) else known
    new = made(signature or scheme(newest))
    after = await resources.edit(
        database,
        vault,
        actor,
        kind,
        before.id,
        now,
        content={**content, SIGNING: [new, newest]},
        expected=before.revision if expected is None else expected,
        egress=egress,
    )
    return after, signer(new).shown
