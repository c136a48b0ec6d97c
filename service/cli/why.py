"""``why``: what became of a filing for each rule and channel, from what happened."""

import asyncio
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from service.cli.delivery import why_not
from service.cli.resources import acting
from service.cli.screen import Screen
from service.control.channels import open_circuit
from service.control.why import End, FilingAccount, RuleWay
from service.control.why import why as account_of
from service.model.alert import Evidence
from service.model.errors import ConfigError
from service.model.fact import Verdict
from service.model.filing import accession_of
from service.store.ledger import Delivery
from service.text import one_line
from service.wire import encode
from service.words import counted, eastern

WORDS: dict[End, tuple[str, str]] = {
    End.PENDING: ("not there yet: EDGAR has not served its document", "yellow"),
    End.DEAD_LETTER: ("it could not be used: filingbell dlq list", "red"),
    End.UNMATCHED: ("not there yet: no matcher has read it", "yellow"),
    End.HISTORY: ("none: it was published as history, which alerts nobody", "dim"),
    End.YOUNGER: ("none: the rule was made after the filing was matched", "dim"),
    End.RULE_DISABLED: ("none: the rule was disabled", "dim"),
    End.RULE_FAILED: ("none: the rule failed on this filing", "red"),
    End.RULE_UNREADABLE: ("none: this version cannot read the rule: filingbell rules show", "red"),
    End.NOT_MET: ("not met", "dim"),
    End.UNKNOWN: ("it cannot be told", "yellow"),
    End.FORGOTTEN: ("it is longer ago than the database keeps what would tell", "dim"),
    End.MADE: ("met; no dispatcher has read the alert yet", "yellow"),
    End.NOT_OWED: ("met, but the rule did not name this channel", "dim"),
    End.SENT: ("sent", "green"),
    End.WAITING: ("waiting", "yellow"),
    End.CIRCUIT_OPEN: ("waiting: most requests to the channel failed", "yellow"),
    End.QUIET: ("held until the channel's quiet hours end", "yellow"),
    End.GATHERED: ("held until the channel's next digest", "yellow"),
    End.BEYOND: ("held for a digest: beyond a maximum an hour", "yellow"),
    End.HELD: ("waiting to be told together with others, in a digest", "yellow"),
    End.TOLD_TOGETHER: ("told together with others, in a digest", "green"),
    End.CHANNEL_DISABLED: ("waiting: the channel is disabled or removed", "yellow"),
    End.SUPPRESSED: ("not told", "dim"),
    End.DEAD: ("given up", "red"),
}


def why(filing: str, rule: str | None, channel: str | None, workspace: str, *, as_json: bool) -> None:
    """Tell it for *filing*, an accession number in any spelling or EDGAR's link."""
    try:
        accession = accession_of(filing)
    except ValueError as error:
        raise ConfigError(str(error)) from None

    async def read() -> FilingAccount:
        async with acting(workspace) as (database, _, actor):
            return await account_of(database, actor.workspace, accession, rule=rule, channel=channel)

    account = asyncio.run(read())
    if as_json:
        print(encode(account).decode())
        return
    console = Screen()
    at = f"matched {eastern(account.matched)} at revision {account.revision}" if account.matched else "not matched yet"
    console.print(Text(f"{account.accession}, {at}", style="bold"))
    if not account.ways:
        console.print("there are no rules: filingbell rules list")
    for way in account.ways:
        _show(way, console)


def _show(way: RuleWay, console: Console) -> None:
    words, style = WORDS[way.end]
    where = f" to {one_line(way.channel)}" if way.channel else ""
    console.print(Text.assemble((f"{one_line(way.rule)}{where}", "bold"), ": ", (words, style)))
    for line in _details(way):
        console.print(Text(f"  {line}"))


def _details(way: RuleWay) -> Iterable[str]:
    if way.detail is not None:
        yield one_line(way.detail)
    if way.delivery is not None:
        yield from _on_its_way(way.end, way.delivery)
    if way.explanation is not None and way.end in (End.NOT_MET, End.UNKNOWN):
        wanted = Verdict.FALSE if way.end is End.NOT_MET else Verdict.UNKNOWN
        yield from (_line("Filing", one) for one in way.explanation.filing if one.verdict is wanted)
        for row in way.explanation.rows:
            yield from (_line(row.place, one) for one in row.evidence if one.verdict is wanted)
        yield from (_line("Rows that count", one) for one in way.explanation.total if one.verdict is wanted)


def _on_its_way(end: End, delivery: Delivery) -> Iterable[str]:
    last = f"; the last answer: {one_line(delivery.last.detail)}" if delivery.last else ""
    tries = counted(delivery.tries, "try", "tries")
    if end is End.SUPPRESSED and delivery.reason:
        yield why_not(delivery)
    elif end in (End.SENT, End.TOLD_TOGETHER) and delivery.settled:
        yield f"{eastern(delivery.settled)}, {tries}"
        if delivery.told_with is not None:
            yield f"told together with the alert {delivery.told_with}, in one message"
    elif end in (End.QUIET, End.GATHERED, End.BEYOND) and delivery.held_until:
        if delivery.beyond is not None:
            yield f"its {delivery.beyond} has a maximum an hour (max_per_hour)"
        yield f"{eastern(delivery.held_until)}; to send it now: filingbell deliveries flush {delivery.channel_name}"
    elif end is End.CIRCUIT_OPEN and delivery.circuit:
        yield f"its circuit is {open_circuit(delivery.circuit)}; {tries}{last}"
    elif end is End.WAITING and delivery.due:
        yield f"{tries}, the next {eastern(delivery.due)}{last}"
    elif end is End.DEAD:
        yield f"{tries}{last}; to send it again: filingbell deliveries resend {delivery.id}"


def _line(place: str, evidence: Evidence) -> str:
    boxes = ", ".join(evidence.boxes)
    return one_line(f"{place}{f', {boxes}' if boxes else ''}: {evidence.predicate}: {evidence.stated}")
