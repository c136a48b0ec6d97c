"""``apply``: a configuration file's channels, watchlists and rules, taken over whole or not at all."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from consumers import configuration as configfile
from service.cli.resources import acting, still_owed
from service.cli.screen import Screen
from service.clock import now
from service.control import provision
from service.control.provision import OperationsChange, ProvisionPlan, ProvisionStep
from service.model.errors import ConfigError
from service.model.resource import Action, Actor
from service.store import deliveries
from service.words import counted

_SIGNS = {Action.ADDED: "+", Action.CHANGED: "~", Action.REMOVED: "-"}


def apply(file: Path, workspace: str, *, dry_run: bool, yes: bool) -> None:
    """Show what *file* changes, ask before something is removed, and change it.

    Exit status 1 where a person said no; raises ConfigError where nobody can be asked.
    """
    configuration = configfile.load(file)
    owner = str(file.absolute())  # a link stays one: what it leads to may change its name, as a mounted file does
    screen = Screen()

    async def run() -> None:
        async with acting(workspace, create=True) as (database, vault, person):
            actor = Actor(name=person.name, workspace=person.workspace, file=owner)
            planned = await provision.plan(database, vault, actor, configuration.sections, now())
            for line in lines(planned, await deliveries.pending(database) if planned.removes else {}):
                screen.print(line)
            if not planned.steps and planned.operations is None:
                screen.print(f"{file} is applied already: nothing to change")
                return
            if dry_run:
                screen.print("nothing was changed (--dry-run)")
                return
            if planned.removes and not yes:
                _ask(planned)
            done = await provision.apply(database, vault, actor, configuration.sections, now(), expected=planned)
            count = len(done.steps) + (done.operations is not None)
            screen.print(f"applied: {counted(count, 'change')}; a running service follows within 2 seconds")

    asyncio.run(run())


def lines(planned: ProvisionPlan, waiting: Mapping[str, int]) -> list[str]:
    """What *planned* changes, a line each; *waiting* is how much waits for each channel, by id."""
    told = [
        f"{_SIGNS[step.action]} {step.after.kind} {step.after.name}{_more(step, waiting)}" for step in planned.steps
    ]
    return [*told, _operations(planned.operations)] if planned.operations is not None else told


def _operations(telling: OperationsChange) -> str:
    """Who is told of the service itself from then on, and who chose that until now."""
    names = ", ".join(one.name for one in telling.after.channels) or "nobody"
    people = telling.before.channels and telling.before.file is None and telling.after.file is not None
    before = ", ".join(one.name for one in telling.before.channels)
    return f"~ operations: notices go to {names}{f' (people had chosen {before})' if people else ''}"


def _more(step: ProvisionStep, waiting: Mapping[str, int]) -> str:
    """Whose it was, if that changes as well; what waits for it, if it goes."""
    if step.action is Action.REMOVED:
        return still_owed(step.after.name, waiting.get(step.after.id, 0))
    if step.before is None or step.before.file == step.after.file:
        return ""
    return f" (until now owned by {step.before.file})"


def _ask(planned: ProvisionPlan) -> None:
    names = ", ".join(step.after.name for step in planned.removes)
    if sys.stdin is None or not sys.stdin.isatty():
        raise ConfigError(f"this would remove {names}; to do so without being asked, add --yes")
    if not typer.confirm(f"remove {names}?"):
        raise typer.Exit(1)
