"""Every page and what moves on it, in the tables from which routes, navigation and tests are made."""

from typing import Any

from service.web.pages import (
    account,
    accounts,
    alerts,
    audit,
    channels,
    deliveries,
    filing,
    insiders,
    leaving,
    people,
    previewing,
    rules,
    signing,
    silences,
    status,
    tape,
    tokens,
    trust,
    visiting,
    watchlists,
    why,
    workspaces,
)
from service.web.pages.live import Live
from service.web.pages.page import Page

PAGES: tuple[Page, ...] = (
    *signing.PAGES,
    *tape.PAGES,
    *filing.PAGES,
    *insiders.PAGES,
    *account.PAGES,
    *people.PAGES,
    *accounts.PAGES,
    *tokens.PAGES,
    *workspaces.PAGES,
    *audit.PAGES,
    *rules.PAGES,
    *watchlists.PAGES,
    *alerts.PAGES,
    *channels.PAGES,
    *previewing.PAGES,
    *deliveries.PAGES,
    *silences.PAGES,
    *why.PAGES,
    *trust.PAGES,
    *visiting.PAGES,
    *status.PAGES,
    *leaving.PAGES,
)

LIVES: tuple[Live[Any], ...] = (tape.TAPE, alerts.ALERTS)
"""What moves on them."""
