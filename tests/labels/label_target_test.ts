import assert from "node:assert/strict";
import fc from "fast-check";
import { sizeOf, type Zyx } from "../../lib/array/nd_array.ts";
import { CellStore } from "../../lib/window/cpu/cell_store.ts";
import { cellsOf, stretchesOf } from "../../lib/window/cpu/cells.ts";
import { Halo } from "../../lib/window/cpu/halo.ts";
import { labelRuleOf } from "../../lib/labels/label_rule.ts";
import { LabelTarget } from "../../lib/labels/label_target.ts";
import { forEachFinalCell, layOut, slidingWindow } from "../../lib/window/cpu/predict_cells.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { regionsAs } from "../model/regions.ts";
import { labelsOnGrid } from "./labels_of_logits.ts";

const edge = (max: number) => fc.integer({ min: 1, max });

Deno.test("Labels made cell by cell equal those of whole logits, with sums in a file as well", () =>
  fc.assert(
    fc.asyncProperty(
      fc.tuple(edge(7), edge(9), edge(11)),
      fc.oneof(fc.tuple(edge(5), edge(5), edge(5)), fc.tuple(edge(5), edge(6))),
      fc.tuple(edge(9), edge(13), edge(17)),
      fc.constantFrom(0.25, 0.5, 1),
      fc.constantFrom([1, 1, 1], [5, 1, 1], [1, 1, 9]),
      fc.boolean(),
      fc.constantFrom(0, 2000, 1e9),
      async (size: Zyx, tileSize, newSize: Zyx, stepSize, spacing, regions, cellBudget) => {
        const heads = 3;
        const generator = createGenerator(sizeOf(size));
        const volume = {
          shape: [1, ...size],
          data: Float32Array.from({ length: sizeOf(size) }, () => generator.normal()),
        };
        const logits = new Float32Array(heads * sizeOf(tileSize));
        const predict = ({ data }: { data: Float32Array }) => {
          for (let i = 0; i < logits.length; i++) {
            logits[i] = Math.sin(9 * data[i % data.length] + 2 * Math.floor(i / data.length));
          }
          return Promise.resolve(logits);
        };
        const window = { tileSize, heads, stepSize, mirrorAxes: [0] };
        const standFor = regions ? { count: heads, regions: regionsAs(2, 3, 1) } : { count: heads };
        const rule = labelRuleOf(standFor, "logits");
        const grid = { shape: newSize, spacing, newSpacing: [1, 1, 1] };
        const expected = labelsOnGrid(await slidingWindow(volume, predict, window), grid, standFor);

        const target = LabelTarget.of(size, grid, rule);
        const { cells } = layOut(size, window);
        const [a, b, c] = [0, 1, 2].map((axis) => Math.max(...cells.map((one) => one.size[axis])));
        const halo = new Halo(heads, size, [a, b, c]);
        await forEachFinalCell(volume, predict, { ...window, cellBudget }, (cell, values) => {
          target.add(halo.add(cell, values));
        });
        assert.deepEqual(target.labels, expected);
      },
    ),
    { seed: 1, numRuns: 200 },
  ));

Deno.test("stretchesOf() cuts an axis where tiles begin and end", () => {
  assert.deepEqual(stretchesOf([0, 2, 4], 4, 8), [
    { begin: 0, end: 2, lastTile: 0 },
    { begin: 2, end: 4, lastTile: 1 },
    { begin: 4, end: 6, lastTile: 2 },
    { begin: 6, end: 8, lastTile: 2 },
  ]);
  // A tile larger than the axis begins before it.
  assert.deepEqual(stretchesOf([-1], 4, 2), [{ begin: 0, end: 2, lastTile: 0 }]);
  const one = stretchesOf([0], 3, 3);
  assert.deepEqual(cellsOf([one, one, stretchesOf([0, 1], 2, 3)]).map(({ origin }) => origin), [
    [0, 0, 0],
    [0, 0, 1],
    [0, 0, 2],
  ]);
});

Deno.test("CellStore keeps what is in use and brings the rest back from its file", () => {
  using store = new CellStore(3 * 4 * 4);
  const none = new Set<number>();
  for (let i = 0; i < 5; i++) store.use(i, 4, none).fill(i + 1);
  assert.equal(store.spilledBytes, 2 * 16);
  const pinned = new Set([0, 1, 2, 3, 4]);
  const buffers = [0, 1, 2, 3, 4].map((i) => store.use(i, 4, pinned));
  assert.deepEqual(buffers.map((buffer) => buffer[3]), [1, 2, 3, 4, 5]);
  assert.deepEqual(store.take(2, 4), Float32Array.of(3, 3, 3, 3));
  assert.deepEqual(store.use(2, 4, none), new Float32Array(4), "what was taken begins anew");
});
