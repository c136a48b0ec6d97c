"""Pages as they are sent: what one shows, and what every page has around it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from service.web.auth import Asker
from service.web.pages.form import NOTHING_SENT
from service.web.pages.navigation import places, start
from service.web.pages.page import Page
from service.web.pages.theme import Theme
from service.web.problems import Problem
from service.web.static import Static

if TYPE_CHECKING:
    from jinja2 import Environment


class Surroundings(Struct, frozen=True, kw_only=True):
    """What every page has around it."""

    title: str
    here: str  # the path that was asked for
    now: datetime
    asker: Asker | None = None
    workspace: str = ""  # its name
    csrf: str = ""
    said: str = ""  # once
    theme: Theme = Theme.SYSTEM


class Templates:
    """What fills the templates of *pages*; made at the first page that somebody asks for."""

    def __init__(self, pages: Sequence[Page], static: Static) -> None:
        self._pages = pages
        self._static = static
        self.start = start(pages)

    def render(self, template: str, values: Mapping[str, Any], around: Surroundings) -> str:
        """The page as it is sent."""
        return self._environment.get_template(template).render(
            {
                "title": around.title,
                "here": around.here,
                "now": around.now,
                "asker": around.asker,
                "workspace": around.workspace,
                "csrf": around.csrf,
                "said": around.said,
                "theme": around.theme,
                "sent": NOTHING_SENT,
                "places": places(self._pages, around.asker, around.here),
                **values,
            }
        )

    def error(self, problem: Problem, around: Surroundings) -> str:
        """The page that tells a person of *problem*."""
        return self.render("error.html", {"title": problem.title, "problem": problem}, around)

    @cached_property
    def _environment(self) -> "Environment":
        from service.web.pages.environment import environment  # noqa: PLC0415 - Jinja2 waits for the first page

        return environment(self._static)
