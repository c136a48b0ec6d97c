"""What the checks of channels and rules have in common: whose something is, and what waits for it, in words."""

from service.model.identity import DEFAULT, WorkspaceId
from service.store import channel_names
from service.store.channel_names import KnownChannel
from service.store.undelivered import Waiting
from service.watch.look import Look
from service.words import counted


def known_as(channel: str, known: dict[str, KnownChannel]) -> tuple[str, WorkspaceId | None]:
    """What people call *channel* (its id, if nobody knows it), and whose it is."""
    found = known.get(channel)
    return (channel, None) if found is None else (found.name, found.workspace)


def is_disabled(channel: str, known: dict[str, KnownChannel]) -> bool:
    """Whether somebody has switched *channel* off."""
    found = known.get(channel)
    return found is not None and not found.enabled and not found.removed


def waits(owed: Waiting) -> str:
    """``2 alerts wait``."""
    return f"{counted(owed.count, 'alert')} {'waits' if owed.count == 1 else 'wait'}"


async def option_of(look: Look, workspace: WorkspaceId | None) -> str:
    """What a command needs to be about *workspace*: `` --workspace acme``, or nothing."""
    if workspace is None or workspace == DEFAULT:
        return ""
    return f" --workspace {(await look.workspaces())[workspace]}"


async def name_of(look: Look, channel: str) -> str:
    """What people call *channel*, whether or not anything waits for it."""
    name, _ = known_as(channel, await channel_names.known(look.database, [channel]))
    return name
