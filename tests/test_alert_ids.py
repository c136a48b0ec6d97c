"""Ids of alerts, which receivers know them by."""

from uuid import UUID, uuid5

from service.model.alert import alert_id
from service.model.filing import Accession
from service.model.identity import RuleId

_NAMESPACE = UUID("6f1f3c7e-5f0e-4a6b-9a44-2f3d0b6f4c11")


def test_an_alert_s_id_is_the_uuid_of_its_filing_and_rule() -> None:
    """Written by hand, it must stay what it was from the first version on: a changed id would alert again."""
    pairs = [(RuleId(f"rule_{number}"), Accession(f"0000320193-25-{number:06d}")) for number in range(1_000)]

    assert [str(uuid5(_NAMESPACE, f"{filing}/{rule}")) for rule, filing in pairs] == [alert_id(*one) for one in pairs]
