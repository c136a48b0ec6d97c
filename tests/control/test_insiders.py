"""Insiders by name, as people write it."""

import pytest

from service.control.insiders import KnownOwner, fitting, nearest
from service.model.filing import Cik

_NAMES = (
    "HUANG JEN HSUN",
    "Huang Jensen",
    "COOK TIMOTHY D",
    "COOK TIMOTHY DONALD JR",
    "O'Brien Mary K.",
    "MÜLLER HANS",
    "Sequoia Capital Fund, L.P.",
)
_KNOWN = [KnownOwner(cik=Cik(f"{number:010d}"), name=name) for number, name in enumerate(_NAMES)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jen-Hsun Huang", {0}),
        ("jensen huang", {1}),
        ("Huang", {0, 1}),
        ("Timothy D. Cook", {2}),
        ("Tim Cook", {2, 3}),
        ("Mary OBrien", {4}),
        ("mueller", set()),
        ("Hans Muller", {5}),
        ("sequoia capital lp", {6}),
        ("", set()),
        ("Tom Cook", set()),
    ],
)
def test_names_fit_in_any_order_and_spelling(name: str, expected: set[int]) -> None:
    """Just these words before these among others, and those before their first letters."""
    assert expected == {int(cik) for cik in fitting(_KNOWN, name)}


def test_the_nearest_are_offered() -> None:
    """A slip of the pen is near, and what is like nothing is not."""
    assert "COOK TIMOTHY D" in nearest(_KNOWN, "Timoty D Cook").values()
    assert not nearest(_KNOWN, "Zebra Quux")
