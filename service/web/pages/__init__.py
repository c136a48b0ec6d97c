"""Every page, in the one table from which routes, navigation and tests are made."""

from service.web.pages import account, filing, rules, signing
from service.web.pages.page import Page

PAGES: tuple[Page, ...] = (
    *signing.PAGES,
    *filing.PAGES,
    *account.PAGES,
    *rules.PAGES,
)
