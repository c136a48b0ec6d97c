"""How long a receiver asks us to wait, as it may write it, which is anything. Pure."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=1)  # the most that it may ask for
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")  # the RFC knows no fraction, some services do
_WORDS = 64  # characters: more than any date has


def seconds_of(value: object) -> timedelta | None:
    """How long *value* of a JSON body asks us to wait, a day at most; None: it is no number of seconds."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not value >= 0:
        return None
    return timedelta(seconds=value) if value < LONGEST.total_seconds() else LONGEST


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """How long *value* asks us to wait, a day at most; None: it is neither seconds nor a date (RFC 9110, 10.2.3)."""
    text = (value or "").strip()
    if len(text) > _WORDS:
        return None
    if _SECONDS.fullmatch(text):
        return min(timedelta(seconds=float(text)), LONGEST)
    if text[:1].isdigit():
        return None
    try:
        at = parsedate_to_datetime(text)
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except Exception:  # the library raises whatever its arithmetic does: ValueError, TypeError, OverflowError
        return None
    return min(max(wait, timedelta(0)), LONGEST)
