"use strict";

// Plots of companies and insiders: what to draw stands in data-plot, its colours are those of the legend beside it.
// What they show stands in tables, too: without a script nothing is missing.

const HEIGHT = 260;
const SIZE = 5; // half the width of the smallest mark, in CSS pixels
const GROWS = 9; // by how much the largest is larger

// A triangle for each day on which there is one, larger for more money; up and down, so that colour never stands alone.
const triangles = (series) => (u, at, first, last) => {
  const path = new Path2D();
  for (let i = first; i <= last; i++) {
    const value = u.data[at][i];
    if (value == null) continue;
    const x = u.valToPos(u.data[0][i], "x", true);
    const y = u.valToPos(value, "y", true);
    const half = (SIZE + GROWS * (series.size?.[i] ?? 0)) * devicePixelRatio;
    const tip = series.mark === "up" ? -half : half;
    path.moveTo(x, y + tip);
    path.lineTo(x + half, y - tip);
    path.lineTo(x - half, y - tip);
    path.closePath();
  }
  return { stroke: path, fill: path, clip: null, flags: 3 };
};

const shown = (series, colour) => {
  if (series.mark === "line") {
    return { label: series.name, stroke: colour, width: 2, spanGaps: true, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } };
  }
  const seeThrough = colour.replace("rgb(", "rgba(").replace(")", ", 0.45)");
  return {
    label: series.name,
    stroke: colour,
    paths: () => null,
    points: { show: true, paths: triangles(series), stroke: colour, fill: seeThrough, width: 1 },
  };
};

const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 2 });

const draw = (figure) => {
  const plot = JSON.parse(figure.dataset.plot);
  const legend = [...figure.querySelectorAll(".legend li")];
  const told = figure.querySelector(".told");
  const soft = getComputedStyle(told).color;
  const line = getComputedStyle(figure).borderTopColor;
  const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: `12px ${getComputedStyle(figure).fontFamily}` };
  const nearest = (u) => {
    const at = u.cursor.idx;
    return at == null ? null : plot.points[at];
  };
  const canvas = figure.querySelector(".canvas");
  const options = {
    width: canvas.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
    scales: { ...(plot.unit ? {} : { y: { range: (u, min, max) => [0, max * 1.06] } }), x: { time: true, range: (u, min, max) => (min === max ? [min - 864e3, max + 864e3] : [min - (max - min) * 0.02, max + (max - min) * 0.02]) } },
    axes: [
      { ...axis, values: [[31536000, "{YYYY}", null, null, null, null, null, null, 1], [2419200, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1], [86400, "{MMM} {D}", "\n{YYYY}", null, null, null, null, null, 1]] },
      { ...axis, size: 64, values: (u, ticks) => ticks.map((tick) => plot.unit + short.format(tick)) },
    ],
    series: [{}, ...plot.series.map((series, at) => shown(series, getComputedStyle(legend[at]).color))],
    hooks: {
      setCursor: [(u) => { told.textContent = nearest(u)?.told ?? figure.dataset.hint; }],
    },
  };
  const drawn = new uPlot(options, [plot.days, ...plot.series.map((series) => series.y)], canvas);
  drawn.over.addEventListener("click", () => {
    const to = nearest(drawn)?.to;
    if (to && drawn.select.width === 0) location.href = to;
  });
  return drawn;
};

for (const figure of document.querySelectorAll("[data-plot]")) {
  figure.classList.add("drawn");
  let drawn = draw(figure);
  const canvas = figure.querySelector(".canvas");
  new ResizeObserver(() => {
    const width = canvas.clientWidth;
    if (width && width !== drawn.width) drawn.setSize({ width, height: HEIGHT });
  }).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    drawn.destroy();
    drawn = draw(figure);
  });
}
