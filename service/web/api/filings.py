"""What became of a filing, for each rule and channel; what it amends, and who else tells of its trade."""

from msgspec import Struct

from service.control.amending import AmendmentRelations, amendments
from service.control.trading import Trade, trade
from service.control.why import FilingAccount, why
from service.model.person import Scope
from service.web.api.rules import filing
from service.web.endpoint import Answer, Call, Endpoint


class WhyAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which rule and channel; null: for each."""

    rule: str | None = None  # its name or id
    channel: str | None = None  # likewise


async def _why(call: Call) -> Answer:
    asked: WhyAsked = call.query
    accession = filing(call.path["filing"], "filing")
    found = await why(call.context.database, call.asker.workspace, accession, rule=asked.rule, channel=asked.channel)
    return Answer(content=found)


async def _amendments(call: Call) -> Answer:
    return Answer(content=await amendments(call.context.database, filing(call.path["filing"], "filing")))


async def _trade(call: Call) -> Answer:
    return Answer(content=await trade(call.context.database, filing(call.path["filing"], "filing")))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/filings/{filing}/amendments",
        name="list_amendments",
        summary="Say what a filing amends and changes there, and what amends it",
        scope=Scope.READ,
        handler=_amendments,
        gives=AmendmentRelations,
    ),
    Endpoint(
        method="GET",
        path="/filings/{filing}/trade",
        name="find_trade",
        summary="Say which trade a filing tells of, and which other filings tell of it",
        scope=Scope.READ,
        handler=_trade,
        gives=Trade,
    ),
    Endpoint(
        method="GET",
        path="/filings/{filing}/why",
        name="explain_filing",
        summary="Say why an alert on a filing came, or did not, for each rule and channel",
        scope=Scope.READ,
        handler=_why,
        asks=WhyAsked,
        gives=FilingAccount,
    ),
)
