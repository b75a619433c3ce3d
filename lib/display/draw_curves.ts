/** Draws a training's curves, on a canvas or as SVG. */

import type { TrainingLog } from "../interop/training_log.ts";

/** The parts of a canvas's 2D context that are used. */
export interface DrawingContext {
  fillStyle: unknown;
  strokeStyle: unknown;
  lineWidth: number;
  font: string;
  textAlign: string;
  textBaseline: string;
  save(): void;
  restore(): void;
  scale(x: number, y: number): void;
  translate(x: number, y: number): void;
  rotate(angle: number): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number): void;
  beginPath(): void;
  arc(x: number, y: number, radius: number, start: number, end: number): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  stroke(): void;
  fill(): void;
  setLineDash(segments: number[]): void;
}

/** Colours of the drawing. */
export interface CurveColors {
  readonly background: string;
  readonly text: string;
  readonly grid: string;
}

/** How to draw. */
export interface CurveOptions {
  /** Width and height in the context's units. */
  readonly width: number;
  readonly height: number;
  /** {@link plain} by default. */
  readonly colors?: CurveColors;
  /** Which panels to draw, from top to bottom; all by default. */
  readonly panels?: readonly PanelName[];
}

/** A panel: losses and pseudo Dice, seconds per epoch, or the learning rate. */
export type PanelName = "learning" | "seconds" | "rate";

/** One line, with its values per epoch; those that are not finite leave a gap. */
interface Curve {
  readonly name: string;
  readonly values: readonly number[];
  readonly color: string;
  readonly width: number;
  readonly isDotted?: boolean;
}

/** One panel: curves of the left axis and of the right one, which goes from 0 to 1. */
interface Panel {
  readonly title: string;
  readonly left: readonly Curve[];
  readonly right?: { readonly title: string; readonly curves: readonly Curve[] };
  /** Whether the left axis begins at 0. */
  readonly fromZero?: boolean;
  /** Share of the height. */
  readonly share: number;
}

/** Size of `progress.png` in pixels. */
export const pictureSize = { width: 1200, height: 1000 };
/** Okabe and Ito's blue and vermillion; green for Dice, as users know it from nnU-Net. */
export const lineColors = { train: "#0072b2", validation: "#d55e00", dice: "#009e73" };
/** Black on white. */
export const plain: CurveColors = { background: "#ffffff", text: "#24292f", grid: "#e5e9ef" };
/** Height of a row of the legend. */
const ROW = 18;
const MARGIN = { left: 74, right: 66, top: 34, bottom: 34 };
const fontOf = (size: number) => `${size}px system-ui, sans-serif`;

/**
 * Draws the panels of nnU-Net's `progress.png`: losses and pseudo Dice, seconds per epoch, and
 * learning rate.
 */
export function drawCurves(
  context: DrawingContext,
  log: TrainingLog,
  { width, height, colors = plain, panels: wanted = ["learning", "seconds", "rate"] }: CurveOptions,
): void {
  const all = panelsOf(log);
  const panels = wanted.map((name) => all[name]);
  const shares = panels.reduce((sum, { share }) => sum + share, 0);
  context.save();
  context.fillStyle = colors.background;
  context.fillRect(0, 0, width, height);
  let top = 0;
  for (const [i, panel] of panels.entries()) {
    const bottom = top + height * panel.share / shares;
    drawPanel(context, panel, { top, bottom, width, colors, isLast: i === panels.length - 1 });
    top = bottom;
  }
  context.restore();
}

function panelsOf(log: TrainingLog): Record<PanelName, Panel> {
  const { train, validation, dice } = lineColors;
  return {
    learning: {
      title: "loss",
      share: 0.56,
      left: [
        { name: "training loss", values: log.trainLosses, color: train, width: 2 },
        { name: "validation loss", values: log.valLosses, color: validation, width: 2 },
      ],
      right: {
        title: "pseudo Dice",
        curves: [
          {
            name: "pseudo Dice",
            values: log.meanForegroundDice,
            color: dice,
            width: 1.5,
            isDotted: true,
          },
          { name: "moving average", values: log.emaForegroundDice, color: dice, width: 2.5 },
        ],
      },
    },
    seconds: {
      title: "seconds per epoch",
      share: 0.22,
      fromZero: true,
      left: [{
        name: "epoch duration",
        values: log.epochEnd.map((end, epoch) => end - log.epochStart[epoch]),
        color: train,
        width: 2,
      }],
    },
    rate: {
      title: "learning rate",
      share: 0.22,
      fromZero: true,
      left: [{ name: "learning rate", values: log.learningRates, color: train, width: 2 }],
    },
  };
}

function drawPanel(
  context: DrawingContext,
  { title, left, right, fromZero = false }: Panel,
  { top, bottom, width, colors, isLast }: {
    readonly top: number;
    readonly bottom: number;
    readonly width: number;
    readonly colors: CurveColors;
    readonly isLast: boolean;
  },
): void {
  const curves = [...left, ...right?.curves ?? []];
  const legend = left.length > 1 ? legendRows(curves, width - MARGIN.left) : [];
  const box = {
    x0: MARGIN.left,
    x1: width - MARGIN.right,
    y0: bottom - MARGIN.bottom,
    y1: top + MARGIN.top + ROW * Math.max(0, legend.length - 1),
  };
  const epochs = left[0].values.length;
  const x = (epoch: number) =>
    epochs < 2 ? (box.x0 + box.x1) / 2 : box.x0 + (box.x1 - box.x0) * epoch / (epochs - 1);
  const along = ([low, high]: readonly [number, number]) => (value: number) =>
    box.y0 + (box.y1 - box.y0) * (value - low) / (high - low);

  const range = rangeOf(left.flatMap(({ values }) => values), fromZero);
  const y = along(range);
  context.font = fontOf(13);
  context.fillStyle = colors.text;
  context.strokeStyle = colors.grid;
  context.lineWidth = 1;
  context.textBaseline = "middle";
  for (const tick of ticksIn(range, 4)) {
    line(context, box.x0, y(tick), box.x1, y(tick));
    context.textAlign = "right";
    context.fillText(`${+tick.toPrecision(3)}`, box.x0 - 7, y(tick));
  }
  const y2 = along([0, 1]);
  if (right) {
    context.textAlign = "left";
    for (const tick of [0, 0.25, 0.5, 0.75, 1]) context.fillText(`${tick}`, box.x1 + 7, y2(tick));
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  const step = Math.max(1, ...ticksIn([0, Math.max(1, epochs - 1)], 8).slice(1, 2));
  for (let epoch = 0; epoch < epochs; epoch += Math.ceil(step)) {
    context.fillText(`${epoch}`, x(epoch), box.y0 + 7);
  }
  if (isLast) context.fillText("epoch", (box.x0 + box.x1) / 2, box.y0 + 20);
  sideways(context, title, 16, (box.y0 + box.y1) / 2);
  if (right) sideways(context, right.title, width - 14, (box.y0 + box.y1) / 2);

  for (const curve of left) drawCurve(context, curve, x, y);
  for (const curve of right?.curves ?? []) drawCurve(context, curve, x, y2);
  for (const [i, row] of legend.entries()) {
    drawLegend(context, row, box.x0, top + 16 + ROW * i, colors);
  }
}

function drawCurve(
  context: DrawingContext,
  { values, color, width, isDotted = false }: Curve,
  x: (epoch: number) => number,
  y: (value: number) => number,
): void {
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = width;
  context.setLineDash(isDotted ? [2, 3] : []);
  context.beginPath();
  let isOpen = false;
  for (const [epoch, value] of values.entries()) {
    if (!Number.isFinite(value)) isOpen = false;
    else if (isOpen) context.lineTo(x(epoch), y(value));
    else {
      context.moveTo(x(epoch), y(value));
      isOpen = true;
    }
  }
  context.stroke();
  context.setLineDash([]);
  if (values.length !== 1 || !Number.isFinite(values[0])) return;
  context.beginPath(); // A single point forms no line.
  context.arc(x(0), y(values[0]), 3, 0, 2 * Math.PI);
  context.fill();
}

/** About the width of a curve's entry in the legend, in the context's units. */
const entryWidth = ({ name }: Curve) => 44 + 7 * name.length;

/** Distributes the entries of a legend over rows that fit into a width. */
function legendRows(curves: readonly Curve[], width: number): readonly (readonly Curve[])[] {
  const rows: Curve[][] = [];
  let used = Infinity;
  for (const curve of curves) {
    if (used + entryWidth(curve) > width) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)!.push(curve);
    used += entryWidth(curve);
  }
  return rows;
}

function drawLegend(
  context: DrawingContext,
  curves: readonly Curve[],
  left: number,
  y: number,
  colors: CurveColors,
): void {
  context.textAlign = "left";
  context.textBaseline = "middle";
  let x = left;
  for (const curve of curves) {
    const { name, color, width, isDotted = false } = curve;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.setLineDash(isDotted ? [2, 3] : []);
    line(context, x, y, x + 22, y);
    context.fillStyle = colors.text;
    context.fillText(name, x + 28, y);
    x += entryWidth(curve);
  }
  context.setLineDash([]);
}

function line(context: DrawingContext, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

function sideways(context: DrawingContext, text: string, x: number, y: number): void {
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, 0, 0);
  context.restore();
}

/** The range that holds all finite values, which is not empty. */
function rangeOf(values: readonly number[], fromZero: boolean): readonly [number, number] {
  const finite = values.filter(Number.isFinite);
  const low = fromZero ? 0 : Math.min(...finite);
  const high = Math.max(...finite);
  if (finite.length === 0) return [0, 1];
  return low < high ? [low, high] : [low - 0.5, low + 0.5];
}

/** Round numbers in a range, at most about as many as wanted. */
function ticksIn([low, high]: readonly [number, number], wanted: number): number[] {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough)!;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}
