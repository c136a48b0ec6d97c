"""Alerts on filings that tell of a trade once more: which trade that is, and what their rules have rung before."""

from collections.abc import Sequence

from consumers.matcher.trading import told_before
from service.model.alert import alert_id
from service.model.filing import Accession
from service.model.identity import RuleId
from service.model.past import Past
from service.model.trade import trade_id
from service.store import Transaction, messages
from service.wire.topics import Event, of_trade


async def of_trades(tx: Transaction, alerts: Sequence[Event], filings: Sequence[Past]) -> list[Event]:
    """*alerts* on *filings*, each with the trade that its filing tells of, behind its rule's first alert on that trade.

    Nothing is asked for a filing that is the first on its trade, as nearly all are.
    """
    told = await told_before(tx, filings)
    before = {event.id: _before(event, told) for event in alerts if len(told[_filing(event)]) > 1}
    if not before:
        return list(alerts)
    ids = {one for earlier in before.values() for one in earlier}
    made = await messages.known(tx, sorted(ids)) | {event.id for event in alerts}
    return [
        event
        if event.id not in before
        else of_trade(
            event,
            trade_id(told[_filing(event)][0]),
            follows=next((one for one in before[event.id] if one in made), None),
        )
        for event in alerts
    ]


def _before(event: Event, told: dict[Accession, list[Accession]]) -> list[str]:
    """The ids that alerts by the rule of *event* on the filings before its own have, if it made them."""
    return [alert_id(RuleId(event.headers["ce_ruleid"]), one) for one in told[_filing(event)][:-1]]


def _filing(event: Event) -> Accession:
    return Accession(event.headers["ce_subject"])
