"""What the next page says once: kept in a cookie for the minute that a browser may take to get there."""

from urllib.parse import quote, unquote

from aiohttp import web

from service.web.context import Context

_LASTS = 60  # seconds
_LONGEST = 500  # characters


def say(context: Context, response: web.StreamResponse, text: str) -> None:
    """Let the next page say *text*."""
    response.set_cookie(
        _name(context),
        quote(text[:_LONGEST]),
        httponly=True,
        samesite="Lax",
        secure=context.secure,
        max_age=_LASTS,
    )


def saying(context: Context, request: web.Request) -> str:
    """What is to be said; empty: nothing."""
    return unquote(request.cookies.get(_name(context), ""))[:_LONGEST]


def said(context: Context, response: web.StreamResponse) -> None:
    """It was."""
    response.del_cookie(_name(context), httponly=True, samesite="Lax", secure=context.secure)


def _name(context: Context) -> str:
    """Of the cookie; by TLS alone, no other host can set it."""
    return "__Host-filingbell-said" if context.secure else "filingbell-said"
