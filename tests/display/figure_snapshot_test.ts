/** Specifications of figures: a change of a trace or a layout shows in the snapshots. */

import { curveFigure } from "../../lib/display/curve_figure.ts";
import type { Figure } from "../../lib/display/figure.ts";
import { barFigure, histogramFigure, lineFigure } from "../../lib/notebook/charts.ts";

/** A figure as JSON, line by line, with numbers rounded to six digits. */
function specificationOf(figure: Figure): string[] {
  const round = (_: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(6)) : value;
  return JSON.stringify(figure, round, 2).split("\n");
}

const figures: Readonly<Record<string, () => Figure>> = {
  curveFigure: () =>
    curveFigure({
      trainLosses: [0.9, 0.4, -0.1],
      valLosses: [0.8, NaN, 0.1],
      meanForegroundDice: [0, 0.3, 0.55],
      emaForegroundDice: [0, 0.03, 0.082],
      dicePerClass: [[0, 0], [0.2, 0.4], [0.5, 0.6]],
      learningRates: [0.01, 0.0067, 0.0037],
      epochStart: [0, 10, 20.5],
      epochEnd: [10, 20.5, 30],
    }),
  lineFigure: () =>
    lineFigure([
      { name: "training", x: [1, 10, 100], y: [0.9, 0.5, 0.3] },
      { name: "validation", x: [1, 10, 100], y: [0.95, 0.6, 0.45] },
    ], { title: "Loss", x: "epoch", y: "loss", logarithmic: ["x"] }),
  barFigure: () =>
    barFigure([{ name: "Dice", x: ["case_a", "case_b"], y: [0.8, 0.9] }], {
      title: "Dice per case",
      x: "case",
      y: "Dice",
      width: 400,
    }),
  histogramFigure: () =>
    histogramFigure([
      { name: "background", values: [0, 1, 1, 3] },
      { name: "foreground", values: [2, 2, 3] },
    ], { title: "Intensities", x: "value", bins: 3 }),
};

for (const [name, figure] of Object.entries(figures)) {
  Deno.test(`${name}() describes the figure in the snapshot`, async (t) => {
    await t.assertSnapshot(specificationOf(figure()));
  });
}
