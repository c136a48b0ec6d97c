"""A filing as the SEC's form, with what made it ring and its way here."""

import asyncio

from service.control.filed import filed
from service.model.person import Scope
from service.web.api.rules import filing as named
from service.web.pages.filing.evidence import MOST
from service.web.pages.filing.view import view
from service.web.pages.page import Look, Moved, Page, Shown


async def filing(look: Look) -> Shown | Moved:
    """The filing, however its accession number is written; raises NotFound, which says why it is not here."""
    given = look.path["accession"]
    accession = named(given, "accession")
    if given != accession:
        return Moved(to=f"/filings/{accession}")
    found = await filed(look.context.database, look.who.workspace, accession, MOST)
    every_row = look.query.get("rows") == "all"
    shown = await asyncio.to_thread(view, found, every_row=every_row)  # of a thousand rows it takes its time
    return Shown(template="filing.html", values={"view": shown})


PAGES = (
    Page(method="GET", path="/filings/{accession}", name="filing", title="Filing", scope=Scope.READ, handler=filing),
)
