"""Names as people write them, against names as EDGAR has them."""

import pytest

from service.names import folded
from tests.kit.documents import a_row, a_rule, a_subject, an_owner, met


@pytest.mark.parametrize(
    ("written", "filed"),
    [
        ("Katharina L Example", "Example Katharina L."),
        ("Example, Katharina", "EXAMPLE KATHARINA L."),
        ("O’Brien Conan", "O'BRIEN CONAN"),
        ("OBrien Conan", "O`Brien Conan"),
        ("Müller Jörg", "MULLER JORG"),
        ("Muller Jorg", "Müller Jo\u0308rg"),
        ("Łukasz Ørsted", "LUKASZ ORSTED"),
        ("Straße", "STRASSE ANNA"),
        ("Acme Partners LP", "ACME PARTNERS L.P."),
        ("Acme Partners L.P.", "Acme Partners, L P"),
        ("Acme Partners L P", "ACME PARTNERS LP"),
        ("D. E. Shaw & Co., L.P.", "D E SHAW AND CO LP"),
        ("J. P. Smith", "SMITH J.P."),
        ("J Smith", "SMITH J.P."),
        ("Smith-Jones Ann", "SMITH JONES ANN"),
        ("Doe Jr.", "DOE JOHN JR"),
        ("Acme Corp", "ACME CORP /DE/"),
    ],
)
def test_names_are_found_however_they_are_written(written: str, filed: str) -> None:
    """Points, accents, apostrophes, initials and the order of words are not the name."""
    rule = a_rule({"people": {"owners": [written]}}, watchlist="people")

    assert "true" == met(rule, a_subject(a_row(), reporting_owners=(an_owner(filed),))).verdict


@pytest.mark.parametrize(
    ("written", "filed"),
    [
        ("Jane Roe", "DOE JANE"),
        ("Doe J", "DOE JANE"),
        ("Acme LP", "ACME LLC"),
        ("Example Katharina M.", "Example Katharina L."),
        ("O'Brien Conan", "BRIEN CONAN"),
    ],
)
def test_another_name_is_another_name(written: str, filed: str) -> None:
    """Every word must stand in the name as filed."""
    rule = a_rule({"people": {"owners": [written]}}, watchlist="people")

    assert "false" == met(rule, a_subject(a_row(), reporting_owners=(an_owner(filed),))).verdict


def test_what_is_left_of_a_name_can_be_read() -> None:
    """`check` shows it so."""
    assert "mc unal obrien lp" == folded("Mc Ünal-O’Brien, L. P.")
