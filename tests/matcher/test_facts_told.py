"""Alerts carry what is known of their rows and of the filing, under the names of docs/facts.md, and nothing else."""

import json
from datetime import date
from typing import Any

import pytest

from consumers.matcher.facts.fact import Level
from consumers.matcher.facts.registry import FACTS
from service.model.alert import Alert
from service.model.fact import FilingFacts
from service.model.known import RowFacts
from service.model.ownership import AcquiredDisposed, Box, FootnoteId
from service.wire import decode, encode
from tests.kit.documents import a_row, an_alert, an_option, an_owner

DISPOSED = AcquiredDisposed.DISPOSED


def sent(alert: Alert) -> dict[str, Any]:
    """As a receiver reads it."""
    read: dict[str, Any] = json.loads(encode(alert))
    return read


def test_an_option_grant_is_told_with_its_facts() -> None:
    """Days as days, numbers as numbers, and a schedule as days and percentages."""
    note = "The option vests as to 25% on March 3, 2026, and 75% in 3 equal annual installments thereafter."
    option = an_option(footnotes={Box("exercise_date"): (FootnoteId("F1"),)})
    alert = sent(an_alert(option, footnotes={FootnoteId("F1"): note}))

    assert alert["rows"][0]["facts"] == {
        "direction": "acquire",
        "expiration_date": "2035-03-03",
        "years_to_expiry": 10.0,
        "days_late": 0,
        "vesting": [
            {"on": ["2026-03-03"], "percent": 25},
            {"on": ["2027-03-03", "2028-03-03", "2029-03-03"], "percent": 75},
        ],
        "plan": "none",
    }
    assert alert["facts"] == {"role": ["director"], "joint": False, "continuation": False}


def test_a_sale_after_an_exercise_is_told_with_what_became_of_it() -> None:
    """Sold, withheld, kept; and the plan with its day."""
    rows = (
        a_row("M", "1000", "2"),
        a_row("S", "400", "10", transaction_acquired_disposed_code=DISPOSED),
        an_option("M", "1000", "2", transaction_acquired_disposed_code=DISPOSED),
    )
    alert = sent(
        an_alert(
            *rows,
            settings={"kinds": "sale"},
            aff10b5_one=True,
            remarks="Sold under a Rule 10b5-1 plan adopted on December 2, 2024.",
            reporting_owners=(an_owner(is_officer=True, officer_title="CFO"),),
        )
    )

    (sale,) = alert["rows"]
    assert sale["facts"] == {
        "direction": "sell",
        "days_late": 0,
        "plan": "plan",
        "plan_adopted": date(2024, 12, 2).isoformat(),
    }
    assert alert["facts"] == {
        "role": ["cfo", "officer"],
        "joint": False,
        "net_value": -4000,
        "net_shares": 600,
        "sold_share": 40.0,
        "continuation": False,
    }


@pytest.mark.parametrize(("struct", "level"), [(RowFacts, Level.ROW), (FilingFacts, Level.FILING)])
def test_what_is_sent_is_called_as_in_the_table(struct: type[RowFacts | FilingFacts], level: Level) -> None:
    """One name for one thing, in rules, docs and alerts."""
    assert all(FACTS[name].level is level for name in struct.__struct_fields__)


def test_an_alert_is_read_as_it_was_written() -> None:
    """Facts and all."""
    alert = an_alert()

    assert alert == decode(encode(alert), Alert)
    assert alert.rows[0].facts.years_to_expiry
