"""The index finds exactly the rules that a scan of all of them finds."""

from tests.matcher.pairs import differences


def test_the_index_finds_what_a_scan_finds() -> None:
    """Rule sets and filings by chance: nothing is missed, nothing found twice, and the same rows meet."""
    assert [] == [found for seed in range(50) for found in differences(seed, filings=10)]
