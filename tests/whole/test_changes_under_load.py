"""Rules change under load, for a few seconds; `make live` is the long one, with Kafka and PostgreSQL as well."""

import os
from pathlib import Path

from service.store import Database
from tests.live.play import embedded

SEED = int(os.environ.get("FILINGBELL_TEST_SEED", "20131218"))


async def test_every_alert_is_explained_by_the_revision_it_names(
    database: Database, tmp_path: Path, figures: list[str]
) -> None:
    """None lost or doubled against what was asked for at the revision that its filing was held against."""
    outcome = await embedded(database, tmp_path / "home", SEED, filings=120, changes=20, rate=40)
    figures.append(f"rules changed under load, embedded: {outcome}")

    assert [] == outcome.verdict.lost
    assert [] == outcome.verdict.doubled
    assert [] == outcome.verdict.unexplained
    assert outcome.verdict.revisions > 1
