"""Points in time as people write them."""

import re
from datetime import datetime, timedelta

from service.model.calendar import EASTERN

_SPAN = re.compile(r"(\d{1,6})\s*([smhdwy])", re.ASCII)
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}


def moment(text: str, now: datetime) -> datetime:
    """*text* as an instant: ``2h`` before *now*, a day or a minute in New York, or ISO; raises ValueError."""
    return _moment(text, now, -1)


def later(text: str, now: datetime) -> datetime:
    """As ``moment``, but ``2h`` is after *now*."""
    return _moment(text, now, 1)


def _moment(text: str, now: datetime, way: int) -> datetime:
    text = text.strip()
    try:
        if span := _SPAN.fullmatch(text):
            return now + way * int(span[1]) * _UNITS[span[2]]
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(
            f'{text[:40]!r} is not a time: write 2h, 3d, 2026-11-25, or "2026-11-25 19:00" (Eastern)'
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=EASTERN)
