/**
 * Peak memory of labels for 118 classes on 512 × 512 × 400 voxels, with a stub in place of the
 * network: `deno run -A tests/bench/inference_memory.ts [TILES]`, which ends after so many tiles.
 */

import type { Zyx } from "../../lib/array/nd_array.ts";
import { Halo } from "../../lib/inference/halo.ts";
import { labelRuleOf } from "../../lib/inference/label_rule.ts";
import { LabelTarget } from "../../lib/inference/label_target.ts";
import { forEachFinalCell, layOut } from "../../lib/inference/sliding_window.ts";

const heads = 118;
const size: Zyx = [400, 512, 512];
const tileSize: Zyx = [96, 96, 96];
const limit = Number(Deno.args[0] ?? Infinity);

const volume = { shape: [1, ...size], data: new Float32Array(400 * 512 * 512).fill(1) };
const target = new LabelTarget(
  size,
  { shape: size, spacing: [1, 1, 1], newSpacing: [1, 1, 1] },
  labelRuleOf({ count: heads }),
);
const { cells } = layOut(size, { tileSize });
const [a, b, c] = [0, 1, 2].map((axis) => Math.max(...cells.map((one) => one.size[axis])));
const halo = new Halo(heads, size, [a, b, c]);
const logits = new Float32Array(heads * 96 ** 3).map((_, i) => (i * 7) % 1013);

const begin = performance.now();
let tiles = 0;
let of = 0;
const stop = {
  throwIfAborted() {
    if (tiles >= limit) throw new Error("Enough");
  },
};
try {
  await forEachFinalCell(volume, () => Promise.resolve(logits), {
    tileSize,
    heads,
    signal: stop,
    onProgress: (done, total) => [tiles, of] = [done, total],
  }, (cell, values) => target.add(halo.add(cell, values)));
} catch (error) {
  if ((error as Error).message !== "Enough") throw error;
}
const peak = Number(/VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))![1]) * 1024;
console.log(
  `118 classes on 512 × 512 × 400, ${tiles} of ${of} tiles in ` +
    `${((performance.now() - begin) / 1000).toFixed(0)} s: peak memory ${
      (peak / 1e9).toFixed(2)
    } GB`,
);
