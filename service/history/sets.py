"""The SEC's quarterly data sets, as they are issued: tables with tabs, read by the names of their columns."""

import csv
import hashlib
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from msgspec import Struct

from service.model.errors import ConfigError

FILINGS, OWNERS, NOTES = "SUBMISSION", "REPORTINGOWNER", "FOOTNOTES"
ROWS = ("NONDERIV_TRANS", "NONDERIV_HOLDING", "DERIV_TRANS", "DERIV_HOLDING")  # in the order of their parts
TABLES = (FILINGS, OWNERS, *ROWS, NOTES)
ACCESSION = "ACCESSION_NUMBER"
_PIECE = 1024 * 1024
_UNREADABLE = (
    *(OSError, EOFError, csv.Error, zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(RuntimeError, NotImplementedError),  # what zipfile raises of what is encrypted, or packed as it does not know
)
_TIMES = 200  # so many times its size a table is unpacked: those of the SEC are ten times theirs
_SMALL = 64 * 1024 * 1024  # bytes that may be more times so


class SetTable(Struct, frozen=True, kw_only=True):
    """A table that is open: where its columns stand, and its rows."""

    file: str
    columns: dict[str, int]
    width: int  # how many there are
    lines: Iterator[str]  # behind the header

    def needed(self, name: str) -> int:
        """Where the column *name* stands; raises ConfigError where there is none."""
        if name not in self.columns:
            raise ConfigError(f"{self.file} has no column {name}")
        return self.columns[name]

    def place(self, *names: str) -> int | None:
        """Where the column with one of *names* stands; None: this issue has none."""
        return next((self.columns[name] for name in names if name in self.columns), None)


class Set:
    """A set: a zip, or a folder with its tables. Raises ConfigError where it is neither."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name.partition("_")[0].removesuffix(".zip").lower()
        self._members = dict(_members(path))
        lacking = [name for name in TABLES if name not in self._members and name != NOTES]
        if lacking:
            raise ConfigError(
                f"{path} is no data set of the SEC: it lacks {', '.join(f'{name}.tsv' for name in lacking)}"
            )

    @property
    def tables(self) -> tuple[str, ...]:
        """Those of TABLES that it has: some are handed on without their footnotes."""
        return tuple(name for name in TABLES if name in self._members)

    @property
    def size(self) -> int:
        """How many bytes there are to read."""
        return sum(self._members[name] for name in self.tables)

    def digest(self) -> str:
        """By which it is known again."""
        found = hashlib.sha256()
        if self.path.is_dir():
            for name in self.tables:
                with (self.path / f"{name}.tsv").open("rb") as file:
                    _update(found, file)
        else:
            with self.path.open("rb") as file:
                _update(found, file)
        return found.hexdigest()

    @contextmanager
    def table(self, name: str) -> Iterator[SetTable]:
        """Open the table *name*; raises ConfigError where it cannot be read."""
        try:
            with self._opened(name) as file:
                lines = io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="")
                header = next(csv.reader(lines, delimiter="\t"), [])
                columns = {column.strip().upper(): place for place, column in enumerate(header)}
                found = SetTable(file=f"{self.path}: {name}.tsv", columns=columns, width=len(header), lines=lines)
                found.needed(ACCESSION)
                yield found
        except _UNREADABLE as error:
            raise ConfigError(f"{self.path}: {name}.tsv cannot be read: {error}") from error

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        if self.path.is_dir():
            with (self.path / f"{name}.tsv").open("rb") as file:
                yield file
        else:
            with zipfile.ZipFile(self.path) as archive, archive.open(_inside(archive)[name]) as member:
                yield member


def sets_in(paths: Sequence[Path]) -> list[Set]:
    """The sets that *paths* name: zips, folders of zips, folders with tables. Raises ConfigError of what is neither."""
    found: list[Set] = []
    for path in paths:
        if path.is_dir() and not (path / f"{FILINGS}.tsv").is_file():
            zips = sorted(path.glob("*.zip"))
            if not zips:
                raise ConfigError(f"{path} has neither zips nor a data set of the SEC ({FILINGS}.tsv) in it")
            found += map(Set, zips)
        else:
            found.append(Set(path))
    return found


def _members(path: Path) -> Iterator[tuple[str, int]]:
    """The tables, and how many bytes each has."""
    try:
        if path.is_dir():
            for file in path.glob("*.tsv"):
                yield file.stem.upper(), file.stat().st_size
            return
        with zipfile.ZipFile(path) as archive:
            for name, member in _inside(archive).items():
                packed = archive.getinfo(member)
                if packed.file_size > max(_SMALL, _TIMES * packed.compress_size):
                    raise ConfigError(
                        f"{path} cannot be read: {member} would be {packed.file_size:,} bytes, unpacked of "
                        f"{packed.compress_size:,}: no table of the SEC is like that"
                    )
                yield name, packed.file_size
    except FileNotFoundError:
        raise ConfigError(f"there is no file or folder {path}") from None
    except (OSError, zipfile.BadZipFile) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error


def _inside(archive: zipfile.ZipFile) -> dict[str, str]:
    """The members that are tables, by name, in whatever folder they lie."""
    tables = (name for name in archive.namelist() if name.lower().endswith(".tsv"))
    return {Path(name).stem.upper(): name for name in tables}


def _update(digest: "hashlib._Hash", file: IO[bytes]) -> None:
    while piece := file.read(_PIECE):
        digest.update(piece)
