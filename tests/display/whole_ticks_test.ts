import assert from "node:assert/strict";
import { curveFigure } from "../../lib/display/curve_figure.ts";
import { wholeTicks } from "../../lib/display/whole_ticks.ts";
import { lineFigure } from "../../lib/notebook/charts.ts";
import { sampleLog } from "../notebook/sample_outputs.ts";

const epochs = (count: number) => Array.from({ length: count }, (_, epoch) => epoch);

Deno.test("wholeTicks() puts at most nine ticks at whole values", () => {
  const steps = [2, 9, 10, 16, 50, 100, 1000].map((count) => wholeTicks(epochs(count)).dtick);
  assert.deepEqual(steps, [1, 1, 2, 2, 10, 20, 200]);
});

Deno.test("wholeTicks() leaves no room for half an epoch around a single one", () => {
  const { dtick, range } = wholeTicks([0]);
  assert.deepEqual([dtick, range], [1, [-0.5, 0.5]]);
});

Deno.test("wholeTicks() leaves other axes to Plotly", () => {
  for (const values of [[], [0.5, 1], ["a", "b"]]) assert.deepEqual(wholeTicks(values), {});
});

Deno.test("charts and curves have ticks at whole epochs", () => {
  const { layout } = lineFigure([{ name: "Dice", x: epochs(3), y: [0, 0.5, 0.7] }], {
    title: "Dice",
    x: "epoch",
    y: "Dice",
  });
  assert.equal((layout.xaxis as { dtick: number }).dtick, 1);
  for (const name of ["xaxis", "xaxis2", "xaxis3"]) {
    assert.equal((curveFigure(sampleLog).layout[name] as { dtick: number }).dtick, 2);
  }
});
