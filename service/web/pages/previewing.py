"""What a channel would be sent for a filing."""

from collections.abc import Sequence

from consumers.matcher.subject import Subject
from service.control import documents, resources, tape
from service.control.previewing import preview
from service.control.tape import TapeEntry
from service.model.errors import NotFound
from service.model.filing import accession_of
from service.model.person import Scope
from service.model.resource import ResourceKind
from service.text import each_line
from service.web.pages.narrowing import Narrowing
from service.web.pages.page import Look, Page, Shown

_BODY = 12_000  # characters of a message that are shown
_OFFERED = 5  # filings


def bounded(body: str) -> str:
    """*body* as a page shows it: what is longer is cut."""
    return each_line(body if len(body) <= _BODY else f"{body[:_BODY]}\n…")


async def shown(look: Look) -> Shown:
    """By each of its rules that the filing meets; nothing is sent."""
    context, workspace = look.context, look.who.workspace
    channel = await resources.find(context.database, workspace, ResourceKind.CHANNEL, look.path["channel"])
    asked = Narrowing(f"/channels/{channel.id}/preview", look.query)
    accession = asked.read("filing", accession_of, "Write an accession number, or EDGAR's link to the filing.")
    messages, missing = [], None
    if accession is not None:
        try:
            parsed = await documents.document(context.database, accession)
        except NotFound as error:
            missing = str(error)
        else:
            subject = Subject.of(parsed.filing, parsed.document)
            now = context.clock.now()
            _, found = await preview(context.database, context.vault, workspace, channel.id, subject, now)
            messages = [(one, bounded(one.message.body)) for one in found]
    values = {
        "channel": channel,
        "asked": asked,
        "messages": messages,
        "missing": missing,
        "accession": accession,
        "lately": () if messages else await _lately(look),
    }
    return Shown(template="channel-preview.html", values=values)


async def _lately(look: Look) -> Sequence[TapeEntry]:
    """The latest filings that rang; where none has, the latest of all."""
    database, workspace = look.context.database, look.who.workspace
    rang = await tape.search(database, workspace, tape.Filter(rang=True), _OFFERED)
    return rang or await tape.search(database, workspace, tape.Filter(), _OFFERED)


PAGES = (
    Page(
        method="GET",
        path="/channels/{channel}/preview",
        name="channel_preview",
        title="Preview",
        scope=Scope.READ,
        handler=shown,
    ),
)
