"""The audit log: who changed what, when, and how it was before."""

import re
from collections.abc import Sequence

from msgspec import Struct

from service.control import audit, resources
from service.model.audit import Change, ChangeSubject
from service.model.errors import NotFound
from service.model.identity import Revision
from service.model.person import Scope
from service.store.audit import WhichChanges
from service.web.pages.differences import FieldDifference, differences, ids
from service.web.pages.narrowing import Narrowing
from service.web.pages.page import Look, Page, Shown
from service.web.paging import behind, part

_SIZE = 50
_PATH = "/audit"


class ChangeLine(Struct, frozen=True, kw_only=True):
    """One change, as it is shown."""

    change: Change
    differences: list[FieldDifference]


async def listed(look: Look) -> Shown:
    """Every change, the latest first."""
    database, asked = look.context.database, Narrowing(_PATH, look.query)
    which = WhichChanges(
        workspace=look.who.workspace,
        whole=_whole(look),
        kind=asked.read("kind", ChangeSubject, "There is no such kind."),
        actor=asked.text("by") or None,
        resource=asked.text("of") or None,
        before=behind(asked.cursor, Revision),
    )
    found = await audit.history(database, which, _SIZE + 1)
    changes, following = part(found, _SIZE, lambda one: one.revision)
    return Shown(
        template="audit.html",
        values={
            "lines": await lines(look, changes),
            "asked": asked,
            "next": asked.next(following),
            "kinds": [*ChangeSubject],
            "actors": await audit.actors(database, look.who.workspace, whole=which.whole),
            "subject": changes[0] if which.resource and changes else None,
        },
    )


async def one(look: Look) -> Shown:
    """A change, however large it is."""
    given = look.path["revision"]
    if not re.fullmatch(r"\d{1,18}", given, re.ASCII):
        raise NotFound("there is no such change")
    which = WhichChanges(workspace=look.who.workspace, whole=_whole(look))
    found = await audit.find(look.context.database, which, Revision(int(given)))
    (line,) = await lines(look, [found])
    return Shown(template="audit-of.html", values={"line": line})


def _whole(look: Look) -> bool:
    return Scope.INSTANCE in look.who.scopes


async def lines(look: Look, changes: Sequence[Change]) -> list[ChangeLine]:
    """*changes* as pages show them: with what each has changed, by the names that people know."""
    named = {one for change in changes for one in ids(change)}
    names = await resources.names(look.context.database, named)
    return [ChangeLine(change=change, differences=differences(change, names)) for change in changes]


PAGES = (
    Page(method="GET", path=_PATH, name="audit", title="Audit log", scope=Scope.ADMIN, handler=listed),
    Page(method="GET", path=f"{_PATH}/{{revision}}", name="change", title="Change", scope=Scope.ADMIN, handler=one),
)
