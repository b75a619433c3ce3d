/** Makes Plotly figures: lines, bars and histograms. */

import type { Figure } from "../display/figure.ts";
import { fontFamily } from "../display/png.ts";
import { drawFigure, renderFigure } from "../display/render_figure.ts";
import { wholeTicks } from "../display/whole_ticks.ts";
import script from "./drawing.js" with { type: "text" };
import { imageTag, liveElement, Output } from "./output.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import { requireValue, text } from "../options/require_value.ts";
import { printable } from "../untrusted/printable.ts";

const action = "draw the chart";

/** Pixels of the picture per pixel of the figure, for high-resolution screens. */
const PIXEL_RATIO = 2;
/** Width of a figure for phones, in pixels. */
const NARROW_WIDTH = 420;
/** Most bars that have room for their values. */
const MAX_LABELLED_BARS = 16;

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
  requireTexts(options, ["title"], "show the chart");
  const { title } = options;
  const themed = onAnyBackground(figure);
  const size = [figure.layout.width, figure.layout.height] as const;
  const [wide, narrow] = await Promise.all([
    drawFigure(themed, { pixelRatio: PIXEL_RATIO }),
    drawFigure(narrowed(themed)),
  ]);
  return new Output({
    title,
    text: title,
    html: liveElement({
      script,
      open: "openDrawing",
      data: { label: title, drawings: [wide, narrow].map(({ svg }) => inPageColor(svg)) },
      fallback: imageTag(wide.png, title, size),
    }),
    plotly: themed,
    png: wide.png,
    pngSize: size,
    draw: () => renderFigure(figure, { pixelRatio: PIXEL_RATIO }),
  });
}

/**
 * Renders a figure as a picture only, faster than {@link chart} does.
 *
 * @returns The output, which cannot be zoomed.
 */
export async function chartPicture(figure: Figure, title: string): Promise<Output> {
  return new Output({
    title,
    text: title,
    png: await renderFigure(onAnyBackground(figure), { pixelRatio: PIXEL_RATIO }),
    pngSize: [figure.layout.width, figure.layout.height],
    draw: () => renderFigure(figure, { pixelRatio: PIXEL_RATIO }),
  });
}

/** Colour of texts in pictures: its contrast is 4.5 : 1 on white and 4.2 : 1 on #111. */
const textColor = "#777777";

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
      font: { ...layout.font as object, color: textColor },
      paper_bgcolor: transparent,
      plot_bgcolor: transparent,
    },
  };
}

/** Returns a figure for pages so narrow that its texts would become too small. */
function narrowed({ data, layout }: Figure): Figure {
  const margin = layout.margin as Record<"l" | "r" | "t" | "b", number>;
  return {
    data,
    layout: {
      ...layout,
      width: NARROW_WIDTH,
      margin: { ...margin, l: Math.min(60, margin.l), r: Math.min(50, margin.r) },
    },
  };
}

/** Gives a drawing's texts the colour of the texts around it. */
function inPageColor(svg: string): string {
  const parts = [1, 3, 5].map((at) => parseInt(textColor.slice(at, at + 2), 16));
  return svg.replaceAll(`rgb(${parts.join(", ")})`, "currentColor");
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

/** @throws {TypeError} If a title or label is missing or no text. */
function requireTexts<Options extends object>(
  options: Options,
  names: readonly (keyof Options & string)[],
  action: string,
): void {
  for (const name of names) {
    requireValue(options[name], { ...text, holds: undefined }, action, name); // May be empty.
  }
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

/** Colours like Okabe and Ito's, with a contrast of at least 3 : 1 to white and to dark grey. */
const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#a97a00", "#8a63d2", "#7f7f7f"];

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
  requireTexts(options, ["title", "x", "y"], action);
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
 * Makes a figure of grouped bars. A few bars show their values; on a logarithmic axis, the smallest
 * is still visible.
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
  requireTexts(options, ["title", "x", "y"], action);
  const bars = series.reduce((sum, { y }) => sum + y.length, 0);
  return barsOf(series, options, bars <= MAX_LABELLED_BARS);
}

function barsOf(series: readonly Series[], options: ChartOptions, isLabelled: boolean): Figure {
  const bars = series.map(({ name, x, y }, i) => ({
    type: "bar",
    name: plotlyText(name),
    x: x.map(plotlyValue),
    y: [...y],
    marker: { color: colors[i % colors.length] },
    ...isLabelled
      ? {
        text: y.map(shortNumber),
        texttemplate: "%{text}",
        textposition: "outside",
        textangle: 0,
        cliponaxis: false,
      }
      : {},
  }));
  const layout = layoutOf(series, options);
  const values = series.flatMap(({ y }) => y).filter(Number.isFinite);
  const isLogarithmic = options.logarithmic?.includes("y") ?? false;
  const range = isLogarithmic ? logarithmicRange(values) : linearRange(values);
  return {
    data: bars,
    layout: {
      ...layout,
      bargap: 0.15,
      yaxis: { ...layout.yaxis as object, ...isLabelled || isLogarithmic ? range : {} },
    },
  };
}

/** Returns an axis from zero with room for the values above the bars; negative ones have none. */
function linearRange(values: readonly number[]) {
  const highest = Math.max(...values);
  return highest > 0 && values.every((value) => value >= 0) ? { range: [0, 1.12 * highest] } : {};
}

/** Returns an axis, in powers of ten, on which the smallest bar is a tenth of the height. */
function logarithmicRange(values: readonly number[]) {
  const powers = values.filter((value) => value > 0).map(Math.log10);
  if (powers.length === 0) return {};
  const [low, high] = [Math.min(...powers), Math.max(...powers)];
  const span = Math.max(1, high - low);
  return { range: [low - span / 8, high + span / 10] };
}

/** Formats a bar's value with three digits, such as `0.924`, `1,250` or `2.41M`. */
function shortNumber(value: number): string {
  if (Number.isNaN(value)) return "";
  return new Intl.NumberFormat("en", {
    maximumSignificantDigits: Number.isInteger(value) && Math.abs(value) < 10_000 ? 4 : 3,
    notation: Math.abs(value) < 10_000 ? "standard" : "compact",
  }).format(value);
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
  requireTexts(options, ["title", "x"], action);
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
  const figure = barsOf(series, { ...labels, y: "share of voxels" }, false);
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
    automargin: true,
    ...logarithmic.includes(name)
      ? { type: "log", ...logarithmicTicks(series, name) }
      : name === "x"
      ? wholeTicks(series.flatMap((one) => one.x))
      : {},
  });
  // Long names below the axis are drawn at 40 degrees and need room below and to the left.
  const longest = Math.max(
    0,
    ...series.flatMap(({ x }) => x.map((value) => typeof value === "string" ? value.length : 0)),
  );
  const long = longest > 6 && series[0].x.length > 6;
  const hasLegend = series.length > 1;
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
      b: (long ? 40 + 5 * longest : 60) + (hasLegend ? 40 : 0),
    },
    showlegend: hasLegend,
    // Below the figure, where it has several lines in a narrow page.
    legend: {
      orientation: "h",
      x: 0,
      xanchor: "left",
      yref: "container",
      y: 0.01,
      yanchor: "bottom",
    },
    xaxis: {
      ...axis("x", long ? "" : x),
      ...longest > 0 ? { showgrid: false } : {}, // Lines between names mean nothing.
      ...long ? { tickangle: -40 } : {},
    },
    yaxis: axis("y", y),
  };
}
