"""Alerts and filings as they come."""

from service.model.alert import Alert
from service.model.parsed import ParsedFiling
from service.model.person import Scope
from service.web.auth import Asker
from service.web.stream import Stream
from service.wire.topics import Record, Topic, workspace_of


def _is_theirs(asker: Asker, alert: Record) -> bool:
    """Whether a rule of the asker's workspace gave it."""
    return workspace_of(alert) == asker.workspace


def _is_anyones(_asker: Asker, _filing: Record) -> bool:
    return True


STREAMS: tuple[Stream, ...] = (
    Stream(
        path="/alerts/stream",
        name="stream_alerts",
        summary="Send each alert as it comes",
        scope=Scope.READ,
        topic=Topic.ALERTS,
        event="alert",
        gives=Alert,
        sees=_is_theirs,
        missed="GET /api/v1/alerts lists the alerts of the time between",
    ),
    Stream(
        path="/filings/stream",
        name="stream_filings",
        summary="Send each filing, parsed, as it comes",
        scope=Scope.READ,
        topic=Topic.PARSED,
        event="filing",
        gives=ParsedFiling,
        sees=_is_anyones,
        missed="GET /api/v1/alerts lists the alerts of the time between",
    ),
)
"""Everything that can be followed."""
