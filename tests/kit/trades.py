"""Alerts of one rule on filings that tell of one trade, as the matcher makes them."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from service.model.alert import Alert
from service.model.filing import Accession
from service.model.trade import trade_id
from service.wire import encode
from tests.kit.books import AnAlert
from tests.kit.documents import DISPOSED, a_filing, a_row, an_alert, an_owner

FUND = an_owner("SPONSOR FUND IV, L.P.", "0009800010", is_ten_percent_owner=True)
ADVISER = an_owner("SPONSOR MANAGEMENT LLC", "0009800012", is_ten_percent_owner=True)
PARTNER = an_owner("PARTNER PAT", "0009800011", is_director=True)
CHAIN = (FUND, PARTNER, ADVISER)
SOLD = a_row("S", "30000", "71.05", **DISPOSED)


def a_trade(*owners: Any, rule: str = "r", rows: Sequence[Any] = (SOLD,), start: int = 1) -> list[Alert]:
    """The alerts on a filing by each of *owners*, by default three, of which the first told of the trade."""
    made: list[Alert] = []
    for number, owner in enumerate(owners or CHAIN):
        accession = Accession(f"0009990900-25-{start + number:06d}")
        alert = an_alert(*rows, reporting_owners=(owner,))
        filing = a_filing(accession=accession)
        first = made[0] if made else None
        trade = first.trade_id if first is not None else trade_id(accession)
        one = f"{rule}-{start + number:03d}"
        follows = None if first is None else first.id
        made.append(replace(alert, id=one, rule=rule, filing=filing, trade_id=trade, follows=follows))
    return made


def owed(alert: Alert, *channels: str, **more: Any) -> AnAlert:
    """*alert* as the dispatcher owes it."""
    return AnAlert(
        id=alert.id,
        accession=alert.filing.accession,
        rule=alert.rule,
        rule_id=alert.rule_id,
        trade=alert.first_told_by,
        value=encode(alert),
        channels=channels or ("desk",),
        **more,
    )
