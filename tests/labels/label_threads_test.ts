import assert from "node:assert/strict";
import { sizeOf, type Zyx } from "../../lib/array/nd_array.ts";
import { LabelThreads } from "../../lib/labels/label_threads.ts";
import { CpuWindow } from "../../lib/window/cpu/cpu_window.ts";
import { regionsAs } from "../model/regions.ts";
import { withoutSharedMemory } from "../without_shared_memory.ts";
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
  Deno.test(`LabelThreads decides the same labels as one thread: ${what}`, async () => {
    const logits = wavyLogits(heads.count);
    const expected = grids.map((grid) => labelsOnGrid(logits, grid, heads));
    const threads = new LabelThreads(3);
    try {
      // Twice, since the workers are reused.
      for (let round = 0; round < 2; round++) {
        const labels = await threads.label(
          from,
          grids,
          heads,
          async (visit) => await visit({ ...logits, origin: [0, 0, 0] }),
        );
        assert.deepEqual(labels, expected);
      }
      const tileSize: Zyx = [12, 20, 16];
      const window = new CpuWindow(
        [({ data }) => Promise.resolve(data)], // The network is the identity.
        { tileSize, heads: heads.count, stepSize: 1, gaussian: false },
      );
      const labels = await threads.label(
        from,
        grids,
        heads,
        (visit) => window.forEachBox(logits, visit),
      );
      for (const [i, map] of labels.entries()) {
        // Sums over overlapping tiles are rounded; only a few labels may change.
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

Deno.test("LabelThreads decides the same labels without shared memory, in one thread", () =>
  withoutSharedMemory(async () => {
    const heads = { count: 4 };
    const logits = wavyLogits(heads.count);
    const threads = new LabelThreads(3);
    const labels = await threads.label(
      from,
      grids,
      heads,
      async (visit) => await visit({ ...logits, origin: [0, 0, 0] }),
    );
    assert.deepEqual(labels, grids.map((grid) => labelsOnGrid(logits, grid, heads)));
    await threads.close();
  }));
