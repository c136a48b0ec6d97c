"""How fast the parser is, as a ratio to bare lxml on the same bytes in the same run.

Over the corpus of real filings where FORM4_CORPUS names it, else over the bundled samples.
"""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lxml import etree

import service.lookalike
from consumers.parser import parse
from service.edgar.submission import is_submission, ownership_xml
from service.model.errors import UnusableDocument

ROUNDS = 15
REPEATS = 20


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
    """The time that one document takes."""
    started = time.perf_counter()
    for _ in range(REPEATS):
        for document in data:
            function(document)
    return (time.perf_counter() - started) / REPEATS / len(data)


def main() -> None:
    """Print the figures."""
    name, data = documents()
    # In turn, so that a machine whose speed drifts slows both; the ratio is made pair by pair.
    pairs = [(seconds(parse, data), seconds(etree.fromstring, data)) for _ in range(ROUNDS)]
    ratios = sorted(bare / typed for typed, bare in pairs)
    typed, bare = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    kib = sum(map(len, data)) / len(data) / 1024
    print(f"parse, one core, {len(data)} documents, {kib:.1f} KiB each on average ({name})")
    print(f"  bytes to typed document   {1 / typed:8,.0f} documents/s")
    print(f"  bare lxml.etree           {1 / bare:8,.0f} documents/s")
    print(f"  ratio                     {ratios[len(ratios) // 2]:8.2f} (median of {ROUNDS}; goal: at least 0.35)")


if __name__ == "__main__":
    main()
