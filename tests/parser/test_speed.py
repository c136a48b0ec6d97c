"""How fast the parser is, printed by every run."""

from bench.parse import measure


def test_how_fast_the_parser_is_beside_bare_lxml(figures: list[str]) -> None:
    """It once lost a fifth of its speed over four commits, unseen."""
    found = measure(rounds=15)
    figures.append(found.line)

    assert 30 < found.documents
