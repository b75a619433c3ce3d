import assert from "node:assert/strict";
import { sizeOf, type Zyx } from "../../lib/array/nd_array.ts";
import { Halo } from "../../lib/window/cpu/halo.ts";
import { LabelThreads } from "../../lib/labels/label_threads.ts";
import { forEachFinalCell, layOut } from "../../lib/window/cpu/predict_cells.ts";
import { regionsAs } from "../model/regions.ts";
import { labelsOnGrid } from "./labels_of_logits.ts";

const from: Zyx = [30, 31, 32];
const grids = [
  { shape: [180, 200, 190], spacing: [6, 6, 6], newSpacing: [1, 1, 1] },
  { shape: [33, 35, 37], spacing: [9, 1, 1], newSpacing: [9, 1, 1] },
];

function wavyLogits(heads: number) {
  const data = new Float32Array(heads * sizeOf(from));
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(i * i % 7919);
  return { shape: [heads, ...from], data };
}

for (
  const [what, heads] of Object.entries({
    classes: { count: 4 },
    regions: { count: 4, regions: regionsAs(300, 2, 1, 7) },
  })
) {
  Deno.test(`LabelThreads give the labels of one thread: ${what}`, async () => {
    const logits = wavyLogits(heads.count);
    const expected = grids.map((grid) => labelsOnGrid(logits, grid, heads));
    const threads = new LabelThreads(3);
    try {
      // Twice, as the threads stay.
      for (let round = 0; round < 2; round++) {
        const labels = await threads.label(
          from,
          grids,
          heads,
          (maker) => maker.addAll(logits),
        );
        assert.deepEqual(labels, expected);
      }
      const tileSize: Zyx = [12, 20, 16];
      const window = { tileSize, heads: heads.count, stepSize: 1 };
      const { cells } = layOut(from, window);
      const [a, b, c] = [0, 1, 2].map((axis) => Math.max(...cells.map(({ size }) => size[axis])));
      const halo = new Halo(heads.count, from, [a, b, c]);
      const labels = await threads.label(from, grids, heads, (maker) =>
        forEachFinalCell(
          { shape: logits.shape, data: logits.data },
          ({ data }) => Promise.resolve(data), // The network is the identity.
          { ...window, gaussian: false },
          (cell, values) => maker.add(halo.add(cell, values)),
        ));
      for (const [i, map] of labels.entries()) {
        // Sums over overlapping tiles round; no more than a few labels may turn.
        let differing = 0;
        map.forEach((label, j) => differing += Number(label !== expected[i][j]));
        assert.ok(differing < 1e-5 * map.length, `${differing} of ${map.length}`);
      }
      const reason = new Error("Enough");
      await assert.rejects(threads.label(from, grids, heads, () => Promise.reject(reason)), reason);
    } finally {
      await threads.close();
    }
  });
}
