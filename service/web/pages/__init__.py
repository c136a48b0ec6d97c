"""Every page and what moves on it, in the tables from which routes, navigation and tests are made."""

from typing import Any

from service.web.pages import account, channels, deliveries, filing, rules, signing, status, trust, visiting
from service.web.pages.live import Live
from service.web.pages.page import Page

PAGES: tuple[Page, ...] = (
    *signing.PAGES,
    *filing.PAGES,
    *account.PAGES,
    *rules.PAGES,
    *channels.PAGES,
    *deliveries.PAGES,
    *trust.PAGES,
    *visiting.PAGES,
    *status.PAGES,
)

LIVES: tuple[Live[Any], ...] = ()
"""What moves on them."""
