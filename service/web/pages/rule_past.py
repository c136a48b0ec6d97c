"""A rule held against the past, on a page of its own."""

from datetime import timedelta

from service.control import resources
from service.model.person import Scope
from service.model.resource import ResourceKind
from service.web.pages.histogram import histogram
from service.web.pages.page import Look, Page, Shown

_SPANS = (
    ("quarter", "90 days", 90),
    ("year", "1 year", 365),
    ("two-years", "2 years", 730),
    ("five-years", "5 years", 1826),
)
_USUAL = "two-years"


async def past(look: Look) -> Shown:
    """How often it would have rung, when and for whom."""
    database, workspace = look.context.database, look.who.workspace
    rule = await resources.find(database, workspace, ResourceKind.RULE, look.path["rule"])
    wanted = look.query.get("time", "")
    chosen = next((span for span in _SPANS if span[0] == wanted), None) or next(s for s in _SPANS if s[0] == _USUAL)
    until = look.context.clock.now()
    found = await look.context.backtests.of_rule(workspace, rule.id, until - timedelta(days=chosen[2]), until)
    return Shown(
        template="rule-past.html",
        values={
            "rule": rule,
            "found": found,
            "figure": histogram(found),
            "spans": [(key, name) for key, name, _ in _SPANS],
            "chosen": chosen[0],
        },
    )


PAGES = (Page(method="GET", path="/rules/{rule}/past", name="rule_past", title="Rule", scope=Scope.READ, handler=past),)
