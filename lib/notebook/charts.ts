/** Makes Plotly figures: lines, bars and histograms. */

import type { Figure } from "../display/figure.ts";
import { fontFamily } from "../display/png.ts";
import { renderFigure } from "../display/render_figure.ts";
import { Output } from "./output.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import { printable } from "../untrusted/printable.ts";

const action = "draw the chart";

/** Pixels of the picture per pixel of the figure, for high-resolution screens. */
const PIXEL_RATIO = 2;

/**
 * Makes an output of a Plotly figure, with a picture for front ends without Plotly.
 *
 * @param figure A figure of this module, or any other for Plotly.
 * @param options.title Name of the output and alternative text.
 * @returns The output, to show or to end a cell with.
 *
 * @example
 * ```ts ignore
 * import { chart, lineFigure } from "nnunet/notebook";
 *
 * const series = [{ name: "loss", x: [1, 2], y: [0.5, 0.4] }];
 * await chart(lineFigure(series, { title: "Loss", x: "epoch", y: "loss" }), { title: "Loss" });
 * ```
 */
export async function chart(
  figure: Figure,
  options: { readonly title: string },
): Promise<Output> {
  requireKnown(options, { title: true }, "show the chart");
  const { title } = options;
  const themed = onAnyBackground(figure);
  return new Output({
    title,
    text: title,
    plotly: themed,
    png: await renderFigure(themed, { pixelRatio: PIXEL_RATIO }),
    pngSize: [figure.layout.width, figure.layout.height],
    draw: () => renderFigure(figure, { pixelRatio: PIXEL_RATIO }),
  });
}

/** Replaces colours so that a figure reads on light and dark pages. */
function onAnyBackground({ data, layout }: Figure): Figure {
  const transparent = "rgba(0,0,0,0)";
  const axes = Object.entries(layout)
    .filter(([name]) => /^[xy]axis\d*$/.test(name))
    .map(([name, axis]) => [name, { ...axis as object, gridcolor: "rgba(128,128,128,.25)" }]);
  return {
    data,
    layout: {
      ...layout,
      ...Object.fromEntries(axes),
      font: { ...layout.font as object, color: "#777777" }, // 4.5 : 1 on white, 4.2 : 1 on #111.
      paper_bgcolor: transparent,
      plot_bgcolor: transparent,
    },
  };
}

/** A line of {@link lineFigure}, or the bars of one group of {@link barFigure}. */
export interface Series {
  /** Name in the legend. */
  readonly name: string;
  /** Positions on the horizontal axis. */
  readonly x: readonly (number | string)[];
  /** Values, one per position. */
  readonly y: readonly number[];
}

/** Title, axis labels and size of a figure. */
export interface ChartOptions {
  /** Title above the figure. */
  readonly title: string;
  /** Label of the horizontal axis. */
  readonly x: string;
  /** Label of the vertical axis. */
  readonly y: string;
  /** Width in pixels, 820 by default. */
  readonly width?: number;
  /** Height in pixels, 360 by default. */
  readonly height?: number;
  /** Axes with a logarithmic scale; none by default. */
  readonly logarithmic?: readonly ("x" | "y")[];
}

const chartOptions: KnownOptions<ChartOptions> = {
  title: true,
  x: true,
  y: true,
  width: true,
  height: true,
  logarithmic: true,
};

/** Colours of Okabe and Ito that are readable on white. */
const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#24292f"];

/**
 * Makes a figure of curves over a common axis.
 *
 * @param series One line each.
 * @param options Title, axis labels and size.
 * @returns The figure, as Plotly takes it.
 *
 * @example
 * ```ts
 * import { lineFigure } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * const figure = lineFigure([{ name: "loss", x: [1, 2], y: [0.5, 0.4] }], {
 *   title: "Loss",
 *   x: "epoch",
 *   y: "loss",
 * });
 * assert.equal(figure.data.length, 1);
 * ```
 */
export function lineFigure(series: readonly Series[], options: ChartOptions): Figure {
  requireKnown(options, chartOptions, action);
  const traces = series.map(({ name, x, y }, i) => ({
    type: "scatter",
    mode: x.length <= 40 ? "lines+markers" : "lines",
    name: plotlyText(name),
    x: x.map(plotlyValue),
    y: [...y],
    line: { color: colors[i % colors.length], width: 2 },
  }));
  return { data: traces, layout: layoutOf(series, options) };
}

/**
 * Makes a figure of grouped bars.
 *
 * @param series One bar per position of the axis each.
 * @param options Title, axis labels and size.
 * @returns The figure, as Plotly takes it.
 *
 * @example
 * ```ts
 * import { barFigure } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * const figure = barFigure([{ name: "Dice", x: ["a", "b"], y: [0.8, 0.9] }], {
 *   title: "Dice per case",
 *   x: "case",
 *   y: "Dice",
 * });
 * assert.equal(figure.data.length, 1);
 * ```
 */
export function barFigure(series: readonly Series[], options: ChartOptions): Figure {
  requireKnown(options, chartOptions, action);
  const bars = series.map(({ name, x, y }, i) => ({
    type: "bar",
    name: plotlyText(name),
    x: x.map(plotlyValue),
    y: [...y],
    marker: { color: colors[i % colors.length] },
  }));
  return { data: bars, layout: { ...layoutOf(series, options), bargap: 0.15 } };
}

/**
 * Makes a histogram: the fraction of each group's values in equal intervals.
 *
 * @param groups Values to count; several groups are drawn over each other.
 * @param options.bins Number of intervals, 60 by default.
 * @param options Title, axis label and size.
 * @returns The figure, as Plotly takes it.
 *
 * @example
 * ```ts
 * import { histogramFigure } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * const groups = [{ name: "scan", values: [0, 1, 1, 3] }];
 * const figure = histogramFigure(groups, { title: "Intensities", x: "value", bins: 3 });
 * assert.deepEqual((figure.data[0] as { y: number[] }).y, [0.25, 0.5, 0.25]);
 * ```
 */
export function histogramFigure(
  groups: readonly { readonly name: string; readonly values: ArrayLike<number> }[],
  options: Omit<ChartOptions, "y"> & { readonly bins?: number },
): Figure {
  const { y: _, ...known } = chartOptions;
  requireKnown(options, { ...known, bins: true }, action);
  const { bins = 60, ...labels } = options;
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of groups) {
    for (let i = 0; i < values.length; i++) {
      low = Math.min(low, values[i]);
      high = Math.max(high, values[i]);
    }
  }
  const step = (high - low) / bins || 1;
  const centres = Array.from({ length: bins }, (_, bin) => low + (bin + 0.5) * step);
  const series = groups.map(({ name, values }) => {
    const counts = new Array<number>(bins).fill(0);
    for (let i = 0; i < values.length; i++) {
      counts[Math.min(bins - 1, Math.floor((values[i] - low) / step))]++;
    }
    return { name, x: centres, y: counts.map((count) => count / values.length) };
  });
  const figure = barFigure(series, { ...labels, y: "share of voxels" });
  const overlaid = figure.data.map((bar) => ({ ...bar, opacity: groups.length > 1 ? 0.6 : 1 }));
  return { data: overlaid, layout: { ...figure.layout, barmode: "overlay", bargap: 0 } };
}

/** Escapes a name, since Plotly takes all texts for a part of HTML. */
function plotlyText(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return printable(text).replace(/[&<>]/g, (character) => entities[character]);
}

function plotlyValue<T>(value: T): T | string {
  return typeof value === "string" ? plotlyText(value) : value;
}

/** Ticks at 1, 2 and 5 times powers of ten, with full labels: Plotly labels 50 000 as 5. */
function logarithmicTicks(series: readonly Series[], name: "x" | "y") {
  const values = series.flatMap((one) => one[name].map(Number)).filter((value) => value > 0);
  const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.log10).map(Math.floor);
  const steps = high - low < 4 ? [1, 2, 5] : [1];
  const tickvals = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
    .flatMap((power) => steps.map((step) => step * power));
  const { format } = new Intl.NumberFormat("en", { notation: "compact" });
  return { tickvals, ticktext: tickvals.map(format) };
}

function layoutOf(
  series: readonly Series[],
  { title, x, y, width = 820, height = 360, logarithmic = [] }: ChartOptions,
): Figure["layout"] {
  const axis = (name: "x" | "y", label: string) => ({
    title: { text: plotlyText(label), standoff: 10 },
    gridcolor: "#e5e9ef",
    linecolor: "#8c959f",
    showline: true,
    zeroline: false,
    ...logarithmic.includes(name) ? { type: "log", ...logarithmicTicks(series, name) } : {},
  });
  // Long names below the axis are drawn at 40 degrees and need room below and to the left.
  const longest = Math.max(
    0,
    ...series.flatMap(({ x }) => x.map((value) => typeof value === "string" ? value.length : 0)),
  );
  const long = longest > 6 && series[0].x.length > 6;
  const many = series.length > 3; // The legend does not fit beside the title.
  return {
    width,
    height,
    title: { text: plotlyText(title), x: 0, xref: "paper", font: { size: 16 } },
    font: { family: fontFamily, size: 13, color: "#24292f" },
    paper_bgcolor: "#ffffff",
    plot_bgcolor: "#ffffff",
    margin: {
      l: long ? Math.max(80, 5.4 * longest - 30) : 80,
      r: 20,
      t: 60,
      b: (long ? 40 + 5 * longest : 60) + (many ? 40 : 0),
    },
    showlegend: series.length > 1,
    legend: many
      ? { orientation: "h", x: 0, xanchor: "left", yref: "container", y: 0.01, yanchor: "bottom" }
      : { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom" },
    xaxis: { ...axis("x", long ? "" : x), ...long ? { tickangle: -40 } : {} },
    yaxis: axis("y", y),
  };
}
