"""Writes the past to a file, whole or not at all."""

import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

from msgspec import Struct

from service.history.columns import lines
from service.model.errors import ConfigError
from service.model.filing import Accession
from service.model.past import Past


class Writer(Protocol):
    """Writes lines, each with a value for every column of an export."""

    def write(self, lines: Sequence[Sequence[Any]]) -> Sequence[int]:
        """Write *lines*; returns the places of those of which a number had to be left out."""

    def close(self) -> None:
        """Write what is left."""


class Exported(Struct, frozen=True, kw_only=True):
    """What was written."""

    filings: int = 0
    lines: int = 0
    inexact: tuple[Accession, ...] = ()  # filings with a number that the file cannot hold, which is empty there


async def export(pieces: AsyncIterator[list[Past]], writer: Writer, tell: Callable[[int], None]) -> Exported:
    """Write the filings of *pieces*; *tell* hears how many there were after each piece."""
    filings = count = 0
    inexact: dict[Accession, None] = {}
    async for piece in pieces:
        made = [(past.accession, line) for past in piece for line in lines(past)]
        left = writer.write([line for _, line in made])
        inexact.update(dict.fromkeys(made[place][0] for place in left))
        filings, count = filings + len(piece), count + len(made)
        tell(filings)
    writer.close()
    return Exported(filings=filings, lines=count, inexact=tuple(inexact))


@contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of *path* at the end of the block; until then, *path* stays as it is.

    Raises ConfigError where it cannot be made.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        if error.filename is None and error.filename2 is None:
            raise
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
