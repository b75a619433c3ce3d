import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PNG } from "pngjs";
import { curveFigure } from "../../lib/display/curve_figure.ts";
import type { Figure } from "../../lib/display/figure.ts";
import { renderFigure } from "../../lib/display/render_figure.ts";
import { renderCurves } from "../../lib/display/curves.ts";
import { lineColors, plain } from "../../lib/display/draw_curves.ts";
import type { TrainingLog } from "../../lib/interop/training_log.ts";

const log: TrainingLog = {
  trainLosses: [0.5, -0.2, -0.6],
  valLosses: [0.6, NaN, -0.5],
  meanForegroundDice: [0, 0.5, 0.8],
  emaForegroundDice: [0, 0.05, 0.125],
  dicePerClass: [[0, 0], [0.4, 0.6], [0.7, 0.9]],
  learningRates: [0.01, 0.007, 0.004],
  epochStart: [100, 110, 125],
  epochEnd: [110, 125, 145],
};

const empty = Object.fromEntries(
  Object.keys(log).map((key) => [key, []]),
) as unknown as TrainingLog;

Deno.test("curveFigure() has nnU-Net's curves in three panels", () => {
  const { data } = curveFigure(log);
  const lines = data.map(({ name, xaxis, yaxis, y }) => ({ name, axes: `${xaxis} ${yaxis}`, y }));
  assert.deepEqual(lines, [
    { name: "training loss", axes: "x y", y: [0.5, -0.2, -0.6] },
    { name: "validation loss", axes: "x y", y: [0.6, null, -0.5] },
    { name: "pseudo Dice", axes: "x y2", y: [0, 0.5, 0.8] },
    { name: "pseudo Dice, moving average", axes: "x y2", y: [0, 0.05, 0.125] },
    { name: "epoch duration", axes: "x2 y3", y: [10, 15, 20] },
    { name: "learning rate", axes: "x3 y4", y: [0.01, 0.007, 0.004] },
  ]);
  assert.deepEqual(data[0].x, [0, 1, 2]);
});

Deno.test("curveFigure() survives JSON, as sent by notebooks", () => {
  const figure = curveFigure(log);
  assert.deepEqual(JSON.parse(JSON.stringify(figure)), figure);
});

Deno.test("curveFigure() marks a single epoch, which has no line", () => {
  const first = Object.fromEntries(
    Object.entries(log).map(([key, values]) => [key, values.slice(0, 1)]),
  ) as unknown as TrainingLog;
  assert.equal(curveFigure(first).data[0].mode, "lines+markers");
  assert.equal(curveFigure(log).data[0].mode, "lines");
});

Deno.test("renderCurves() draws every curve, with text", async () => {
  const finite = { ...log, valLosses: [0.6, 0, -0.5] }; // NaN would leave a gap.
  const [full, none] = await Promise.all([renderCurves(finite), renderCurves(empty)]);
  const picture = PNG.sync.read(Buffer.from(full));
  assert.deepEqual([picture.width, picture.height], [1200, 1000]);
  const blank = PNG.sync.read(Buffer.from(none));
  for (const [name, color] of Object.entries(lineColors)) {
    assert.ok(count(picture.data, color) > 300, name);
    assert.ok(count(picture.data, color) > 2 * count(blank.data, color), name);
  }
  assert.ok(count(blank.data, plain.text) > 100, "axis titles");
});

Deno.test("renderCurves() leaves a gap at losses that are not finite", async () => {
  const colored = async (valLosses: number[]) =>
    count(
      PNG.sync.read(Buffer.from(await renderCurves({ ...log, valLosses }))).data,
      lineColors.validation,
    );
  const [whole, gap] = await Promise.all([colored([0.6, 0, -0.5]), colored([0.6, NaN, -0.5])]);
  assert.ok(gap < whole / 2, `${gap} of ${whole}`);
});

Deno.test({
  name: "renderFigure() says why it failed, and draws the next picture all the same",
  sanitizeResources: false,
  sanitizeOps: false,
  fn: async () => {
    const broken = { data: [], layout: null } as unknown as Figure;
    await assert.rejects(renderFigure(broken), /^Error: Cannot render figure: /);
    assert.ok((await renderFigure(curveFigure(log))).length > 0);
  },
});

function count(pixels: Uint8Array, color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  let found = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at] === red && pixels[at + 1] === green && pixels[at + 2] === blue) found++;
  }
  return found;
}
