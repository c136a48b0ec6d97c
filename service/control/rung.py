"""Filings for which a rule would have rung, which may be most of the past."""

from array import array
from collections.abc import ItemsView, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from service.model.filing import Accession
from service.store.history import accession_of, key_of


class RungFilings(Mapping[Accession, datetime]):
    """Each filing, and when it was known, as two numbers: a dictionary of a million takes 200 MB, and these 16.

    To look one up takes longer the later it was added.
    """

    def __init__(self) -> None:
        self._keys = array("q")
        self._known = array("d")  # seconds since 1970, which have room for microseconds

    def add(self, keys: Iterable[int], known: Iterable[datetime]) -> None:
        """These filings, as the past has them, were *known* then; none was added before."""
        self._keys.extend(keys)
        self._known.extend(map(datetime.timestamp, known))

    def first(self, count: int) -> list[int]:
        """So many of those that were added first, as the past has them."""
        return list(self._keys[:count])

    def items(self) -> ItemsView[Accession, datetime]:
        """Each of them, without looking it up."""
        return _Items(self)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Accession]:
        return map(accession_of, self._keys)

    def __getitem__(self, accession: Accession) -> datetime:
        try:
            return _at(self._known[self._keys.index(key_of(accession))])
        except ValueError:
            raise KeyError(accession) from None

    def _times(self) -> Iterator[datetime]:
        return map(_at, self._known)


class _Items(ItemsView[Accession, datetime]):
    _mapping: RungFilings

    def __iter__(self) -> Iterator[tuple[Accession, datetime]]:
        return zip(self._mapping, self._mapping._times(), strict=True)  # noqa: SLF001  # they are one


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
