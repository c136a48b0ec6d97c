"""A silence: for a time, nobody is told of certain alerts."""

from datetime import datetime

from msgspec import Struct

from service.model.fact import Kind
from service.model.filing import Cik
from service.model.identity import RuleId, SilenceId, WorkspaceId


class Matcher(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which alerts are meant: those for which everything that is set holds, each by one of what it names."""

    tickers: tuple[str, ...] = ()  # of the company, class behind a point
    companies: tuple[Cik, ...] = ()  # the company, as the tickers; those that the SEC's list has stand here, too
    owners: tuple[Cik, ...] = ()  # one of the filing's
    rules: tuple[RuleId, ...] = ()
    kinds: tuple[Kind, ...] = ()  # every row that met the rule is of one of these


class Silence(Struct, frozen=True, kw_only=True):
    """A matcher and a time; whoever made it says why."""

    id: SilenceId
    workspace: WorkspaceId
    matcher: Matcher
    reason: str
    made_by: str  # the actor's name
    created: datetime  # it holds from then on
    ends: datetime
    ended_by: str | None = None  # who ended it early; None: nobody has
