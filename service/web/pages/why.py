"""Why did I not get one? What became of a filing for each rule and channel, and what to do about it."""

from collections.abc import Mapping

from msgspec import Struct

from service.control import resources
from service.control.why import End, RuleWay
from service.control.why import why as account_of
from service.model.errors import NotFound
from service.model.fact import Verdict
from service.model.filing import accession_of
from service.model.person import Scope
from service.model.resource import ResourceKind
from service.web.pages import told
from service.web.pages.claims import MOST, ClaimRow, claims
from service.web.pages.narrowing import Narrowing
from service.web.pages.page import Look, Page, Shown
from service.web.pages.told import Told

_WAYS = 100  # rules and channels that are told of at once

_ENDS: Mapping[End, Told] = {
    End.PENDING: Told(
        word="not published", kind="warn", line="EDGAR has not served the document yet; it is tried again by itself."
    ),
    End.DEAD_LETTER: Told(
        word="unusable",
        kind="bad",
        line="The filing, or what was made of it, could not be used.",
        advice="Trust says why, and an operator can retry it there (or with filingbell dlq retry).",
    ),
    End.UNMATCHED: Told(
        word="not matched yet",
        kind="warn",
        line="No matcher has read it yet; that takes seconds where one runs.",
    ),
    End.HISTORY: Told(word="history", line="It was published for the record: such filings alert nobody."),
    End.YOUNGER: Told(
        word="too early",
        line="The rule was made after the filing was matched.",
        advice="From now on it holds; what it would have met is in the rule's preview.",
    ),
    End.RULE_DISABLED: Told(
        word="rule disabled", kind="warn", line="The rule was disabled then.", advice="Enable it to be alerted."
    ),
    End.RULE_FAILED: Told(
        word="rule failed",
        kind="bad",
        line="The rule failed on this filing; the other rules were not affected.",
        advice="Change the rule, or report this.",
    ),
    End.RULE_UNREADABLE: Told(
        word="rule unreadable",
        kind="bad",
        line="This version cannot read the rule, and left it out.",
        advice="Save the rule again: what is wrong is then told at its field.",
    ),
    End.NOT_MET: Told(word="not met", line="The filing does not meet the rule: what follows decided it."),
    End.UNKNOWN: Told(
        word="unknown",
        kind="warn",
        line="A box that decides states only a footnote, or nothing. A rule does not ring for what is unknown.",
    ),
    End.FORGOTTEN: Told(word="too long ago", line="What would show it is no longer kept in the database."),
    End.MADE: Told(
        word="met", kind="warn", line="The rule was met; no dispatcher has read the alert yet, which takes seconds."
    ),
    End.NOT_OWED: Told(
        word="met, not sent there",
        kind="warn",
        line="The rule was met, but did not name this channel then.",
        advice="Add the channel to the rule.",
    ),
    End.SENT: Told(word="delivered", kind="good", line="The channel took it."),
    End.WAITING: Told(word="waiting", kind="live", line="It waits to be sent."),
    End.CIRCUIT_OPEN: Told(
        word="waiting",
        kind="warn",
        line="Most requests to the channel failed, so that one alert at a time tries it.",
        advice="It goes once the channel takes one; the channel's page tries it now.",
    ),
    End.QUIET: Told(
        word="held",
        kind="live",
        line="The channel's quiet hours hold it.",
        advice="It goes when they end; the channel's page sends it now.",
    ),
    End.GATHERED: Told(
        word="held",
        kind="live",
        line="It waits for the channel's next digest.",
        advice="The channel's page sends it now.",
    ),
    End.BEYOND: Told(
        word="held",
        kind="live",
        line="Its rule or its channel has told as much in this hour as it may. It is told with others, in one message.",
        advice="The channel's page sends it now.",
    ),
    End.HELD: Told(word="held", kind="live", line="It waits to be told together with others, in one message."),
    End.TOLD_TOGETHER: Told(
        word="told together", kind="good", line="It was told together with others, in one message."
    ),
    End.SUPPRESSED: Told(word="not sent", kind="warn"),
    End.CHANNEL_DISABLED: Told(
        word="waiting",
        kind="warn",
        line="The channel is disabled or removed.",
        advice="Enable the channel, and what waits for it goes.",
    ),
    End.DEAD: Told(
        word="given up",
        kind="bad",
        line="The channel did not take it.",
        advice="Once the channel works, send it again from the alert's page.",
    ),
}


class WhyLine(Struct, frozen=True, kw_only=True):
    """One rule and one channel."""

    way: RuleWay
    told: Told
    delivery: Told | None  # None: there is none
    claims: tuple[ClaimRow, ...]  # those that decided


async def why(look: Look) -> Shown:
    """The form; and what became of the filing that it names."""
    database, workspace = look.context.database, look.who.workspace
    asked = Narrowing("/why", look.query)
    accession = asked.read("filing", accession_of, "Write an accession number, or EDGAR's link to the filing.")
    rule, channel = asked.text("rule"), asked.text("channel")
    account, missing = None, ""
    if accession is not None:
        try:
            account = await account_of(database, workspace, accession, rule=rule or None, channel=channel or None)
        except NotFound as error:
            missing = str(error)
    lines = [_line(one) for one in account.ways] if account else []
    return Shown(
        template="why.html",
        values={
            "asked": asked,
            "account": account,
            "missing": missing,
            "accession": accession,
            "lines": sorted(lines, key=lambda one: one.way.end in _QUIETLY)[:_WAYS],
            "more": max(0, len(lines) - _WAYS),
            "channels": await resources.of_kind(database, workspace, ResourceKind.CHANNEL),
        },
    )


_QUIETLY = frozenset({End.NOT_MET, End.YOUNGER, End.HISTORY})  # what most rules come to, and told last


def _line(way: RuleWay) -> WhyLine:
    decided = {End.NOT_MET: Verdict.FALSE, End.UNKNOWN: Verdict.UNKNOWN}.get(way.end)
    found = claims(way.explanation, decided) if way.explanation and decided else []
    return WhyLine(
        way=way,
        told=_ENDS[way.end],
        delivery=told.of_delivery(way.delivery) if way.delivery else None,
        claims=tuple(found[:MOST]),
    )


PAGES = (Page(method="GET", path="/why", name="why", title="Why did I not get one?", scope=Scope.READ, handler=why),)
