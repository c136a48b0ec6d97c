"""``history amendments``: what a filing amends and changes there, and what amends it."""

import asyncio
import sys

import typer
from rich.text import Text

from consumers.amendments.telling import differences, headed
from service.cli.screen import Screen
from service.control.amending import AmendmentRelations
from service.control.amending import amendments as found_in
from service.model.amendment import Amends, Effect
from service.model.errors import ConfigError, NotFound
from service.model.filing import Accession, accession_of
from service.runtime.opened import opened
from service.text import legible
from service.wire import encode

_STYLES = {Effect.CORRECTS: "yellow", Effect.WITHDRAWS: "red", Effect.ADDS: "green", Effect.UNCLEAR: "dim"}


def amendments(filing: str, *, as_json: bool) -> None:
    """Show them for *filing*, an accession number in any spelling or EDGAR's link."""
    try:
        accession = accession_of(filing)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    found = asyncio.run(_found(accession))
    if as_json:
        sys.stdout.buffer.write(encode(found) + b"\n")
    else:
        _show(legible(found), accession, Screen())
    if found.amends is None and not found.amended:
        raise typer.Exit(1)


async def _found(accession: Accession) -> AmendmentRelations:
    async with opened() as (database, _):
        try:
            return await found_in(database, accession)
        except NotFound as error:
            raise ConfigError(str(error)) from None


def _show(found: AmendmentRelations, accession: Accession, screen: Screen) -> None:
    if found.amends is not None:
        _tell(found.amends, screen)
    for one in found.amended:
        screen.print(Text(f"Amended by form {one.form} {one.accession} of {one.filed}", style="bold"))
        _tell(one.amends, screen, "  ")
    if found.amends is None and not found.amended:
        screen.print(f"{accession} is no amendment, and no amendment of it is here")


def _tell(amends: Amends, screen: Screen, indent: str = "") -> None:
    effect = Text(amends.effect, style=_STYLES.get(amends.effect, "none"))
    screen.hang(Text.assemble(indent, effect, "  "), Text(f"{headed(amends)}. {amends.reason}"))
    for one in amends.candidates:
        screen.print(f"{indent}  can be meant: {one}")
    for place, what in differences(amends):
        screen.hang(Text(f"{indent}  {place}: "), Text(what))
