"""No process has a role that the service needs."""

from datetime import datetime, timedelta

from service.model.notice import NoticeKind
from service.watch.check import Check, always
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.running import Absent
from service.words import eastern

_SERVICE = "service"  # the subject where no process runs at all


async def _find(look: Look) -> list[Condition]:
    running = await look.running()
    if not running.absent:
        return []
    if not running.processes and not running.silent:
        return [_nothing_runs(running.absent)]
    first = min((one.started for one in (*running.processes, *running.silent)), default=None)
    return [_role(one, one.last_seen or first) for one in running.absent]


def _nothing_runs(absent: tuple[Absent, ...]) -> Condition:
    """One condition for the whole service."""
    roles: dict[str, list[str]] = {}
    for one in absent:
        roles.setdefault(_told(one), []).append(one.role)
    seen = [one.last_seen for one in absent if one.last_seen is not None]
    told = "; ".join(f"not running ({told}): {', '.join(names)}" for told, names in roles.items())
    return _condition(_SERVICE, f"{told}. Start it with: filingbell run", max(seen, default=None))


def _role(one: Absent, since: datetime | None) -> Condition:
    return _condition(
        one.role, f"not running ({_told(one)}): {one.role}. Start it with: filingbell run {one.role}", since
    )


def _told(one: Absent) -> str:
    why = f", ended: {one.why}" if one.why else ""
    return f"last seen {eastern(one.last_seen)}{why}" if one.last_seen else "never seen"


def _condition(subject: str, headline: str, since: datetime | None) -> Condition:
    return Condition(
        kind=NoticeKind.ABSENT,
        subject=subject,
        since=since,
        headline=headline,
        severity=Severity.CRITICAL,
        repeated=True,
    )


CHECK = Check(
    kind=NoticeKind.ABSENT,
    when="no process has a role that the service needs, for two minutes: a restart is no news",
    says="which role, when it was last seen, why it ended",
    act="`filingbell run ROLE`; its log says why it ended",
    find=_find,
    ended=always(lambda role, span: f"{role} runs again (did not {span})"),
    patience=timedelta(minutes=2),
)
