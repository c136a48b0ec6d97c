"""A filing as the SEC's form, with what made it ring and its way here."""

import asyncio
from datetime import timedelta

from service.control import tape
from service.control.filed import filed
from service.model.errors import NotFound
from service.model.person import Scope
from service.web.api.rules import filing as named
from service.web.pages.filing.evidence import MOST
from service.web.pages.filing.view import company_page, view
from service.web.pages.page import Look, Moved, Page, Shown
from service.words import counted


async def filing(look: Look) -> Shown | Moved:
    """The filing, however its accession number is written; raises NotFound, which says why it is not here."""
    given = look.path["accession"]
    accession = named(given, "accession")
    if given != accession:
        return Moved(to=f"/filings/{accession}")
    database, workspace = look.context.database, look.who.workspace
    try:
        found = await filed(database, workspace, accession, MOST)
    except NotFound:
        entry = await tape.look(database, workspace, accession)
        if entry is None:
            raise
        return _recalled(entry, look.context.settings.retention)
    every_row = look.query.get("rows") == "all"
    shown = await asyncio.to_thread(view, found, every_row=every_row)  # of a thousand rows it takes its time
    return Shown(template="filing.html", values={"view": shown})


def _recalled(entry: tape.TapeEntry, retention: timedelta) -> Shown:
    """The line that is left of a filing whose document was longer ago than the database keeps it."""
    days = retention // timedelta(days=1)
    kept = counted(days, "day") if days else counted(retention // timedelta(hours=1), "hour")
    values = {"entry": entry, "kept": kept, "company": company_page(entry.line.issuer)}
    return Shown(template="filing-recalled.html", values=values)


PAGES = (
    Page(method="GET", path="/filings/{accession}", name="filing", title="Filing", scope=Scope.READ, handler=filing),
)
