"""What else was filed on the issuers of filings: by what is kept, and by those that come before them in the batch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from service.model.filing import Accession, Cik
from service.model.parsed import ParsedFiling
from service.model.past import Around, Before, Past
from service.store import Database, history
from service.store.around import around, place, those_before
from service.store.horizon import Horizons, horizon
from service.store.memory import Looked


@dataclass(frozen=True, slots=True)
class At:
    """As of when it is looked up, and for how long before."""

    at: datetime
    horizons: Horizons | None  # they know how it stands now; None: *at* is another time
    days: int


async def surrounded(
    database: Database, known: Mapping[Accession, Before], looked: Sequence[tuple[ParsedFiling, Looked]], when: At
) -> dict[Accession, Before]:
    """What is *known* before filings, with what else was filed on their issuers; *looked*: the batch, in its order."""
    wanted = [one for _, one in looked if one.accession in known]
    async with database.reading() as connection:
        now = when.horizons
        whole = await (horizon(connection, when.at) if now is None else now.at(connection, when.at))
        kept = await around(connection, wanted, when.days, whole, when.at if now is None else None)
    ahead, told = defaultdict[Cik, list[Past]](list), dict[Accession, Before]()
    for parsed, one in looked:
        past = history.past_of(parsed, when.at)
        if one.accession in known:
            new = {other.accession: other for other in ahead[one.issuer]}
            every = [*new.values(), *(other for other in kept[one.accession] if other.accession not in new)]
            every = [*those_before(sorted(every, key=place), one, when.days)]
            told[one.accession] = replace(known[one.accession], around=Around(filing=past, filings=tuple(every)))
        ahead[one.issuer].append(past)
    return told
