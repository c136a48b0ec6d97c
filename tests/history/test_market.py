"""The generated market that other tests rely on: everything of it that they need is there, each time the same."""

from collections import Counter
from pathlib import Path

from service.history.importing import Importer
from service.history.sets import ROWS, sets_in
from service.store import Database
from tests.kit.documents import NOW
from tests.kit.market import market

_KINDS = "grants grant vesting exercise purchase sale plan gift chain joint change"


async def test_a_market_has_every_kind_of_event_and_can_be_brought(database: Database, tmp_path: Path) -> None:
    """Amendments, newcomers, form 5, and sales that go on in another filing; nothing in it is unreadable."""
    quarters = list(market(3_000, years=2))
    for quarter in quarters:
        quarter.zipped(tmp_path / f"{quarter.name}_form345.zip")
    outcomes = [await Importer(database, lambda: NOW, lambda _: None).bring(one) for one in sets_in([tmp_path])]
    events = {accession: event for quarter in quarters for accession, event in quarter.events.items()}
    forms = Counter(row["DOCUMENT_TYPE"] for quarter in quarters for row in quarter.tables["SUBMISSION"])
    filed = Counter(row["ACCESSION_NUMBER"] for quarter in quarters for row in quarter.tables["SUBMISSION"])
    rows = Counter(row["ACCESSION_NUMBER"] for quarter in quarters for name in ROWS for row in quarter.tables[name])
    per_event = Counter(event for event in events.values())

    assert set(_KINDS.split()) == {kind for _, kind in events.values()}
    assert {"3", "4", "4/A", "5"} <= set(forms)
    assert filed.keys() == events.keys()
    assert {1} == set(filed.values())
    assert 30 == max(rows.values())
    assert any(count > 1 for (_, kind), count in per_event.items() if kind == "sale")
    assert 0 == sum(one.odd + one.unreadable for one in outcomes)
    assert len(events) == sum(one.filings for one in outcomes)
    assert 2_400 < len(events) < 3_600


def test_equal_arguments_make_equal_sets() -> None:
    """Another seed makes others."""
    one, again, other = (list(market(100, years=1, seed=seed)) for seed in (1, 1, 2))

    assert one == again
    assert one != other
