"""Every page and what moves on it, in the tables from which routes, navigation and tests are made."""

from typing import Any

from service.web.pages import (
    account,
    alerts,
    channels,
    deliveries,
    filing,
    rules,
    signing,
    status,
    tape,
    trust,
    visiting,
    why,
)
from service.web.pages.live import Live
from service.web.pages.page import Page

PAGES: tuple[Page, ...] = (
    *signing.PAGES,
    *tape.PAGES,
    *filing.PAGES,
    *account.PAGES,
    *rules.PAGES,
    *alerts.PAGES,
    *channels.PAGES,
    *deliveries.PAGES,
    *why.PAGES,
    *trust.PAGES,
    *visiting.PAGES,
    *status.PAGES,
)

LIVES: tuple[Live[Any], ...] = (tape.TAPE,)
"""What moves on them."""
