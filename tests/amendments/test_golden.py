"""Amendments written by hand after real shapes, against what a person says who reads both filings."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ruamel.yaml import YAML

from consumers.amendments.difference import Difference, difference
from consumers.amendments.effect import effect
from consumers.amendments.linking import amends
from consumers.amendments.version import Version
from consumers.parser.document import parse
from service.edgar import submission
from service.model.amendment import BoxChange, Effect, Found
from service.model.filing import Accession
from service.model.parsed import ParsedFiling
from tests.kit.corpus import corpus
from tests.kit.documents import NOW, a_filing
from tests.kit.places import SAMPLES
from tests.matcher.golden.form import USUAL, xml_of

FOLDER = Path(__file__).parent / "golden"
DAY = date.fromisoformat(str(USUAL["filed"]))
EFFECTS = {str(one): one for one in Effect}
PER_ROW = frozenset({"I", "II", "footnotes", "remarks"})  # of the amendment itself; the rest is the original's


def golden() -> dict[str, tuple[Effect, dict[str, Any]]]:
    """Every pair by its name, with the effect that its file is named after."""
    found: dict[str, tuple[Effect, dict[str, Any]]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for name, pair in YAML(typ="base", pure=True).load(path).items():
            assert name not in found, name
            found[name] = EFFECTS[path.stem], pair
    return found


GOLDEN = golden()


def compared(pair: dict[str, Any]) -> Difference:
    """Both filings, read from their XML, and compared."""
    usual = {key: value for key, value in pair["original"].items() if key not in PER_ROW}
    return difference(
        _version("0009990900-25-000001", pair["original"], None),
        _version("0009990900-25-000002", {"form": "4/A"} | usual | pair["amendment"], DAY),
    )


def _version(accession: str, filing: dict[str, Any], original: date | None) -> Version:
    document = msgspec.structs.replace(parse(xml_of(filing)), date_of_original_submission=original)
    filed = a_filing(accession=Accession(accession), form=document.document_type, filed_on=DAY)
    return Version.of(ParsedFiling(filing=filed, document=document), datetime(2025, 3, 5, 21, tzinfo=UTC))


def written(found: Difference) -> Iterator[str]:
    """What differs, as the tables write it."""
    for box in found.head:
        yield _box(box)
    for row in found.rows:
        boxes = "; ".join(map(_box, row.boxes))
        yield f"row {row.table}.{row.row or row.was}: {boxes or row.change}"
    for note in found.notes:
        what = "added" if note.old is None else "missing" if note.new is None else "changed"
        yield f"{note.number or 'remarks'}: {what}"


def _box(box: BoxChange) -> str:
    return f"{box.name} {box.old or 'nothing'} -> {box.new or 'nothing'}"


@pytest.mark.parametrize("name", GOLDEN)
def test_an_amendment_is_taken_as_its_reader_takes_it(name: str) -> None:
    """What it does to the original; where that cannot be told, unclear."""
    labelled, pair = GOLDEN[name]
    found, reason = effect(compared(pair))

    assert labelled is found, reason
    assert reason.endswith((".", '"', "..."))


@pytest.mark.parametrize("name", GOLDEN)
def test_every_difference_is_named_and_nothing_else(name: str) -> None:
    """Box by box with both values; rows that are new or gone; notes."""
    _, pair = GOLDEN[name]

    assert pair["differs"] == list(written(compared(pair)))


def test_the_golden_set_has_every_effect() -> None:
    """At least sixty pairs, each with why it is labelled so."""
    counts = Counter(labelled for labelled, _ in GOLDEN.values())

    assert 60 <= len(GOLDEN)
    assert {*Effect} == {*counts}
    assert all(pair.get("why") for _, pair in GOLDEN.values())


def test_an_amendment_of_the_bundled_filings_withdraws_its_original() -> None:
    """Its holding alone would not: the footnote does."""
    original, amendment = (_sample(f"0009990001-19-0000{number}") for number in (33, 34))
    found = amends(amendment, [original])

    assert (original.accession, Found.DAY, Effect.WITHDRAWS) == (found.accession, found.found, found.effect)


def test_amendments_of_the_corpus_are_taken_as_their_readers_take_them() -> None:
    """Neither has its original there: one withdraws it in a footnote, of the other nothing can be told."""
    found = {}
    for path in sorted((corpus() / "form4").glob("*.xml")):
        if b"<documentType>4/A<" in path.read_bytes():
            document = parse(path.read_bytes())
            parsed = ParsedFiling(filing=a_filing(form="4/A"), document=document)
            found[document.issuer.issuer_name] = amends(Version.of(parsed, NOW), []).effect

    assert {"Borqs Technologies, Inc.": Effect.WITHDRAWS, "Broadcom Inc.": Effect.UNCLEAR} == found


def _sample(accession: str) -> Version:
    data = (SAMPLES / f"{accession}.txt").read_bytes()
    head, xml = submission.header(data), submission.ownership_xml(data)
    assert head.accepted is not None
    assert xml is not None
    filing = a_filing(accession=Accession(accession), filed_on=head.filed_on)
    return Version.of(ParsedFiling(filing=filing, document=parse(xml)), head.accepted)
