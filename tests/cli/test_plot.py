"""The plot of ``history show``, as it is drawn."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from service.cli.plot import plot
from service.control.trend import Trend

_FIRST = date(2024, 1, 1)


def a_trend(held: list[int], bought: tuple[tuple[int, int], ...] = ()) -> Trend:
    """A month apart; *bought* by number of the month."""
    days = [_FIRST + timedelta(days=30 * number) for number in range(len(held))]
    return Trend(
        title="EXAMPLE CORP: Common Stock",
        held=tuple((day, Decimal(count)) for day, count in zip(days, held, strict=True)),
        bought=tuple((days[number], Decimal(count)) for number, count in bought),
        sold=(),
    )


def drawn(trend: Trend, width: int) -> list[str]:
    return [line.plain.rstrip() for line in plot(trend, width)]


def test_what_is_held_stays_until_the_next_day_that_says_otherwise() -> None:
    """In eighths of a line, between 0 and the most; the years stand where they begin."""
    lines = drawn(a_trend([48] * 6 + [24] * 6 + [1] * 6), 58)
    bars = [line[21:] for line in lines[1:7]]

    assert "EXAMPLE CORP: Common Stock" == lines[0]
    assert lines[1].startswith("held              48 ")
    assert "█" * 36 == bars[5][:36].replace("▁", "█")
    assert set(bars[0]) == {"█"}
    assert 11 <= len(bars[0]) <= 14
    assert len(bars[0]) < len(bars[3]) < len(bars[5]) == 36
    assert "▁" == bars[5][-1]
    assert ["2024-01", "2025"] == lines[-1].split()


def test_a_small_purchase_can_be_seen_beside_a_large_one() -> None:
    """And says what it is without colour."""
    lines = drawn(a_trend([10] * 10, bought=((0, 1), (5, 100_000))), 64)
    (at,) = [number for number, line in enumerate(lines) if line.startswith("bought")]

    assert "100,000" in lines[at]
    assert "▁" == lines[at + 1][21]
    assert "█" in lines[at]


@pytest.mark.parametrize(("held", "width"), [([], 100), ([1, 2], 40)])
def test_without_room_or_anything_to_draw_there_is_no_plot(held: list[int], width: int) -> None:
    """Nothing is better than something that nobody can read."""
    assert [] == drawn(a_trend(held), width)


@pytest.mark.parametrize("held", [[5], [0], [0, 0], [10**15, 1]])
@pytest.mark.parametrize("width", [44, 80, 200])
def test_no_line_is_wider_than_the_screen(held: list[int], width: int) -> None:
    """Whatever is in it."""
    lines = list(plot(a_trend(held), width))

    assert lines
    assert max(line.cell_len for line in lines) < width
