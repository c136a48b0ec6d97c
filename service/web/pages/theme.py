"""Light or dark, where it is not to be as the system has it: kept in a cookie, for each screen its own."""

from datetime import timedelta
from enum import StrEnum

from aiohttp import web

from service.web.context import Context

_LASTS = timedelta(days=365)


class Theme(StrEnum):
    """How pages look."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


def chosen(context: Context, request: web.Request) -> Theme:
    """What was chosen in this browser."""
    given = request.cookies.get(_name(context), "")
    return Theme(given) if given in set(Theme) else Theme.SYSTEM


def choose(context: Context, response: web.StreamResponse, theme: Theme) -> None:
    """Let this browser have it."""
    lasts = int(_LASTS.total_seconds())
    response.set_cookie(_name(context), theme, httponly=True, samesite="Lax", secure=context.secure, max_age=lasts)


def _name(context: Context) -> str:
    return "__Host-filingbell-theme" if context.secure else "filingbell-theme"
