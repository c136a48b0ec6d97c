"""A feed that shows filings one a second, from a given second on."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from service.lookalike.archive import Listing, Party
from service.model.filing import Accession
from service.poller.baseline import Baseline
from service.store import Database, filings
from tests.kit.archives import ScriptedArchive, a_submission

START = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
GROUND = Baseline(floor=START - timedelta(hours=3), live=START - timedelta(days=9))


def some(numbers: Sequence[int], form: str = "4") -> list[Listing]:
    """Filings of one party each."""
    party = Party(name="EXAMPLE CORP", cik="0009900001", role="Issuer")
    made = []
    for number in numbers:
        accession = f"0009990900-25-{number:06d}"
        data = a_submission(accession, form=form)
        made.append(Listing(accession=accession, form=form, parties=(party,), data=data, accepted=START))
    return made


def show(archive: ScriptedArchive, numbers: Sequence[int], second: int, form: str = "4") -> None:
    """The feed shows them one a second, from *second* on."""
    for late, one in enumerate(some(numbers, form)):
        archive.add(one, at=START + timedelta(seconds=second + late))


async def found(database: Database, numbers: Sequence[int]) -> int:
    return len(await filings.known(database, [Accession(one.accession) for one in some(numbers)]))
