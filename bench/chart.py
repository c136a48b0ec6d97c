"""Draws what ``python -m bench.rules`` printed: ``python bench/chart.py table.txt docs/rules-at-scale.png``.

It needs matplotlib, which nothing else does: ``pip install matplotlib``, in whatever environment.
"""

import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

RULES, P50, P99, BYTES, BUILD, CHANGE = 0, 2, 3, 5, 6, 7


def rows(table: str) -> list[list[float]]:
    """The lines of *table* that are figures."""
    lines = [line.split() for line in table.splitlines()]
    figures = [line for line in lines if len(line) > CHANGE and "".join(line[:2]).replace(",", "").isdigit()]
    return [[float(one.replace(",", "")) for one in line] for line in figures]


def drawn(axes: Axes, title: str, figures: list[list[float]], *lines: tuple[int, str], log: bool = True) -> None:
    """One panel."""
    for column, label in lines:
        axes.plot([row[RULES] for row in figures], [row[column] for row in figures], marker="o", label=label)
        for row in figures:
            text, place = f"{row[column]:,g}", (row[RULES], row[column])
            axes.annotate(text, place, textcoords="offset points", xytext=(0, 7), ha="center", fontsize=8)
    axes.margins(y=0.2)
    axes.set_xscale("log")
    if log:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.set_title(title, fontsize=10)
    axes.set_xlabel("rules")
    axes.grid(visible=True, alpha=0.3)
    if len(lines) > 1:
        axes.legend()


def main(table: Path, picture: Path) -> None:
    """Draw *table* as *picture*."""
    figures = rows(table.read_text())
    figure, ((one, two), (three, four)) = plt.subplots(2, 2, figsize=(9, 6.5))
    drawn(one, "to find what a filing meets, us", figures, (P50, "half of the filings"), (P99, "99 % of them"))
    drawn(two, "memory, bytes a rule", figures, (BYTES, "bytes"), log=False)
    drawn(three, "to build the index, s", figures, (BUILD, "build"))
    drawn(four, "to change one rule, ms (slowest of 100)", figures, (CHANGE, "change"), log=False)
    figure.tight_layout()
    figure.savefig(picture, dpi=100)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
