/** Builds training curves as a Plotly figure, for live display in notebooks. */

import type { TrainingLog } from "../interop/training_log.ts";
import { lineColors, plain } from "./draw_curves.ts";
import type { Figure } from "./figure.ts";
import { fontFamily } from "./png.ts";
import { wholeTicks } from "./whole_ticks.ts";

/** One line of the figure. */
export interface Trace {
  readonly type: "scatter";
  readonly mode: "lines" | "lines+markers";
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  /** Axes of its panel, by Plotly's numbering. */
  readonly xaxis: string;
  readonly yaxis: string;
  readonly showlegend: boolean;
  readonly line: { readonly color: string; readonly width: number; readonly dash?: "dot" };
}

/** The curves, ready for Plotly. */
export interface CurveFigure extends Figure {
  readonly data: readonly Trace[];
}

/**
 * Returns the three panels of nnU-Net's `progress.png`: losses and pseudo Dice, seconds per epoch,
 * and learning rate.
 *
 * Losses use the left axis. Pseudo Dice (dotted) and its moving average use the right axis, from 0
 * to 1. Losses that are not finite leave a gap.
 *
 * @param log Log of any number of epochs; without epochs, the panels are empty.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/logging/nnunet_logger.py
 */
export function curveFigure(log: TrainingLog): CurveFigure {
  const epochs = log.trainLosses.map((_, epoch) => epoch);
  const seconds = log.epochEnd.map((end, epoch) => end - log.epochStart[epoch]);
  const draw = (
    name: string,
    values: readonly number[],
    panel: readonly [x: string, y: string],
    line: Trace["line"],
  ): Trace => ({
    type: "scatter",
    // A single point forms no line.
    mode: epochs.length === 1 ? "lines+markers" : "lines",
    name,
    x: epochs,
    y: values.map((value) => Number.isFinite(value) ? value : null),
    xaxis: panel[0],
    yaxis: panel[1],
    showlegend: panel[0] === "x", // The other panels' axis titles suffice.
    line,
  });
  const { train, validation, dice } = lineColors;
  return {
    data: [
      draw("training loss", log.trainLosses, ["x", "y"], { color: train, width: 2 }),
      draw("validation loss", log.valLosses, ["x", "y"], { color: validation, width: 2 }),
      draw("pseudo Dice", log.meanForegroundDice, ["x", "y2"], {
        color: dice,
        width: 1.5,
        dash: "dot",
      }),
      draw("pseudo Dice, moving average", log.emaForegroundDice, ["x", "y2"], {
        color: dice,
        width: 2.5,
      }),
      draw("epoch duration", seconds, ["x2", "y3"], { color: train, width: 2 }),
      draw("learning rate", log.learningRates, ["x3", "y4"], { color: train, width: 2 }),
    ],
    layout: {
      width: 1200,
      height: 1000,
      font: { family: fontFamily, size: 14, color: plain.text },
      paper_bgcolor: plain.background,
      plot_bgcolor: plain.background,
      margin: { l: 90, r: 80, t: 50, b: 60 },
      showlegend: true,
      legend: { orientation: "h", x: 0, y: 1.005, yanchor: "bottom" },
      xaxis: axis("", { anchor: "y", domain: [0, 1], ...wholeTicks(epochs) }),
      xaxis2: axis("", { anchor: "y3", domain: [0, 1], ...wholeTicks(epochs) }),
      xaxis3: axis("epoch", { anchor: "y4", domain: [0, 1], ...wholeTicks(epochs) }),
      yaxis: axis("loss", { anchor: "x", domain: [0.46, 1] }),
      yaxis2: axis("pseudo Dice", {
        anchor: "x",
        overlaying: "y",
        side: "right",
        range: [0, 1],
        tickmode: "auto", // The left axis's ticks are not round numbers here.
        showgrid: false, // Two grids in one panel would not coincide.
      }),
      yaxis3: axis("seconds per epoch", {
        anchor: "x2",
        domain: [0.23, 0.4],
        rangemode: "tozero",
        nticks: 4,
      }),
      yaxis4: axis("learning rate", {
        anchor: "x3",
        domain: [0, 0.17],
        rangemode: "tozero",
        nticks: 4,
      }),
    },
  };
}

function axis(title: string, options: Record<string, unknown>) {
  return {
    title: { text: title, standoff: 12 }, // Pixels from the tick labels.
    gridcolor: plain.grid,
    linecolor: "#8c959f",
    showline: true,
    zeroline: false,
    ...options,
  };
}
