"""The service for anyone who wants to know whether it works: off unless the operator switches it on.

Nothing on it is of a workspace, and nothing says where the service runs or what it is called.
"""

from collections.abc import Iterable, Mapping

from aiohttp import hdrs, web
from msgspec.structs import replace

from service.model import calendar
from service.model.errors import NotFound, TryAgain
from service.model.notice import NoticeKind
from service.watch.condition import Condition, Severity
from service.web.pages import heatmap, strips
from service.web.pages.page import Look, Page, Shown
from service.web.pages.trust import FILINGS, proof

_KEPT = "public, max-age=15"  # seconds; a proxy may answer for as long without asking
_SAID: Mapping[NoticeKind, str] = {
    NoticeKind.BLOCKED: "The SEC refuses requests for now. New filings come once it answers again; none is lost.",
    NoticeKind.SILENCE: "The SEC's feed shows nothing new.",
    NoticeKind.GAP: "A part of the SEC's feed could not be read. What is missing is fetched by the SEC's index.",
    NoticeKind.UNPROVEN: "Not every day is proven to be complete.",
    NoticeKind.LAG: "Alerts are late.",
    NoticeKind.ABSENT: "A part of the service does not run.",
    NoticeKind.UNWRITABLE: "The service can save nothing for now.",
    NoticeKind.UNREACHABLE: "A part of the service does not answer.",
    NoticeKind.UNUSABLE: "Filings could not be used; somebody has to look at them.",
}
"""What is told of what is wrong with the whole service; the rest concerns workspaces and is told there."""


async def status(look: Look) -> Shown:
    """How the service stands; raises NotFound where it is not switched on."""
    if look.context.settings.status != "public":
        raise NotFound("there is no such page")
    try:
        return await _status(look)
    except TryAgain:  # what it says names the database
        told = ("The service cannot look at itself for now. What is filed meanwhile is read afterwards.",)
        values = {"known": False, "told": told}
        return Shown(template="status.html", values=values, status=503)


async def _status(look: Look) -> Shown:
    looks = look.context.looks
    today = calendar.eastern_day(look.context.clock.now())
    account = await looks.account(heatmap.first_of(today), today)
    records = [replace(record, note=None) for record in account.records]  # what failed may name a machine of ours
    conditions = [one for one in await looks.conditions() if one.workspace is None and one.kind in _SAID]
    service = await looks.overview()
    return Shown(
        template="status.html",
        values={
            "known": True,
            "told": _said(conditions),
            "is_critical": any(one.severity is Severity.CRITICAL for one in conditions),
            "proof": proof(account),
            "halves": heatmap.halves(records, account.late, today),
            "months": heatmap.months(records, account.late),
            "strips": strips.strips(await looks.latency(FILINGS)),
            "ticks": strips.ticks(),
            "read": service.read,
            "newest": service.newest,
        },
        also=_may_be_kept if look.asker is None else None,
    )


def _said(conditions: Iterable[Condition]) -> tuple[str, ...]:
    kinds = {one.kind for one in conditions}
    return tuple(words for kind, words in _SAID.items() if kind in kinds)


def _may_be_kept(response: web.StreamResponse) -> None:
    response.headers[hdrs.CACHE_CONTROL] = _KEPT
    response.headers[hdrs.VARY] = hdrs.COOKIE


PAGES = (Page(method="GET", path="/status", name="status", title="Status", scope=None, handler=status),)
