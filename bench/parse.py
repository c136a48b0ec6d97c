"""How fast the parser is, as a ratio to bare lxml on the same bytes in the same run.

Over the corpus of real filings where FORM4_CORPUS names it, else over the bundled samples.
"""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from lxml import etree

import service.lookalike
from consumers.parser.document import parse
from service.edgar.submission import is_submission, ownership_xml
from service.model.errors import UnusableDocument

ROUNDS = 45
REPEATS = 5
GOAL = 0.43


def documents() -> tuple[str, list[bytes]]:
    """The ownership XML of every usable document, and where it is from."""
    corpus = os.environ.get("FORM4_CORPUS")
    if corpus:
        name = f"{corpus}: real filings"
        folders = [Path(corpus) / folder for folder in ("form3", "form4", "form5", "submission")]
    else:
        name = "the bundled samples (set FORM4_CORPUS for real filings)"
        folders = [Path(service.lookalike.__file__).parent / "samples"]
    found = []
    files = sorted(path for folder in folders for path in folder.iterdir() if path.suffix in (".xml", ".txt", ".nc"))
    for path in files:
        data = path.read_bytes()
        xml = ownership_xml(data) if is_submission(data) else data
        try:
            parse(xml or b"")
        except UnusableDocument:
            continue
        found.append(xml or b"")
    return name, found


def seconds(function: Callable[[bytes], object], data: Sequence[bytes]) -> float:
    """The CPU time that one document takes."""
    started = time.process_time()
    for _ in range(REPEATS):
        for document in data:
            function(document)
    return (time.process_time() - started) / REPEATS / len(data)


class Measured(NamedTuple):
    """What the parser does in a second of CPU time, beside bare lxml."""

    what: str
    documents: int
    kib: float  # of a document, on average
    typed: float  # documents a second
    bare: float
    ratio: float

    @property
    def line(self) -> str:
        """The figure that is watched from commit to commit."""
        return f"parser: {self.ratio:.2f} x bare lxml on {self.documents} documents (goal: at least {GOAL})"


def measure(rounds: int = ROUNDS) -> Measured:
    """Parse everything, *rounds* times."""
    what, data = documents()
    # In turn, so that a machine whose speed drifts slows both; the ratio is made pair by pair.
    pairs = [(seconds(parse, data), seconds(etree.fromstring, data)) for _ in range(rounds)]
    return Measured(
        what=what,
        documents=len(data),
        kib=sum(map(len, data)) / len(data) / 1024,
        typed=1 / min(typed for typed, _ in pairs),
        bare=1 / min(bare for _, bare in pairs),
        ratio=median(bare / typed for typed, bare in pairs),
    )


def main() -> None:
    """Print the figures."""
    found = measure()
    print(f"parse, one core, {found.documents} documents, {found.kib:.1f} KiB each on average ({found.what})")
    print(f"  bytes to typed document   {found.typed:8,.0f} documents/s")
    print(f"  bare lxml.etree           {found.bare:8,.0f} documents/s")
    print(f"  ratio                     {found.ratio:8.2f} (median of {ROUNDS}; goal: at least {GOAL})")


if __name__ == "__main__":
    main()
