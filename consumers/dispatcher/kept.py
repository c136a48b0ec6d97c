"""An alert as its message keeps it."""

import structlog

from service.model.alert import Alert
from service.wire import decode

log = structlog.get_logger()


def readable(value: bytes) -> Alert | None:
    """The alert, or None where it cannot be read: that one is tried by itself, and its failure recorded."""
    try:
        return decode(value, Alert)
    except Exception:
        log.exception("alert_unreadable")
        return None
