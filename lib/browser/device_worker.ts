/** Compares the processor and the graphics processor in a worker: on a tile, in time and labels. */

import { type Shape, sizeOf, zyx } from "../array/nd_array.ts";
import { createGenerator } from "../random/generator.ts";
import { serve } from "../runtime/remote.ts";
import { openSlidingWindow } from "../window/open_window.ts";
import { tileOf } from "../window/tiles.ts";

/** What the network of the check takes and computes. */
export interface CheckedNetwork {
  readonly model: Uint8Array<ArrayBuffer>;
  readonly channels: number;
  readonly heads: number;
  readonly tileSize: Shape;
}

/** What the check found. */
export interface DeviceComparison {
  /** Milliseconds that a tile takes. */
  readonly processor: number;
  readonly graphics: number;
  /** Voxels of the tile, and those whose label differs. */
  readonly voxels: number;
  readonly differing: number;
}

/** Logits this close, as a fraction of the largest, tie: rounding decides which is larger. */
const TIE = 1e-4;

/** The fastest of this many passes counts; the first compiles. */
const PASSES = 3;

const api = {
  /** Runs a network on a tile of noise on both. @throws {Error} If one cannot run it. */
  async compare(network: CheckedNetwork): Promise<DeviceComparison> {
    const onProcessor = await run(network, "cpu");
    const onGraphics = await run(network, "webgpu");
    const voxels = sizeOf(network.tileSize);
    return {
      processor: onProcessor.milliseconds,
      graphics: onGraphics.milliseconds,
      voxels,
      differing: countDiffering(onProcessor.logits, onGraphics.logits, voxels),
    };
  },
};

async function run(
  { model, channels, heads, tileSize }: CheckedNetwork,
  device: "cpu" | "webgpu",
): Promise<{ readonly milliseconds: number; readonly logits: Float32Array }> {
  const window = await openSlidingWindow([model], {
    ...{ device, heads, tileSize, mirrorAxes: [], sumsOnHost: device !== "cpu" },
  });
  try {
    const shape = [channels, ...zyx(tileOf(tileSize))];
    const generator = createGenerator(1);
    const data = Float32Array.from({ length: sizeOf(shape) }, () => generator.normal());
    let milliseconds = Infinity;
    let logits = new Float32Array();
    for (let pass = 0; pass < PASSES; pass++) {
      const begin = performance.now();
      ({ data: logits } = await window.logits({ shape, data }));
      milliseconds = Math.min(milliseconds, performance.now() - begin);
    }
    return { milliseconds, logits };
  } finally {
    await window.close();
  }
}

/**
 * Counts voxels at which another class is the largest or a region is in or out, except where the
 * numbers tie.
 *
 * @param expected Logits, (heads, …tile)
 */
export function countDiffering(
  expected: Float32Array,
  found: Float32Array,
  voxels: number,
): number {
  const heads = expected.length / voxels;
  const tie = TIE * expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let differing = 0;
  for (let voxel = 0; voxel < voxels; voxel++) {
    let [best, largest] = [0, -Infinity];
    for (let head = 0; head < heads; head++) {
      const value = expected[head * voxels + voxel];
      if (value > largest) [best, largest] = [head, value];
    }
    const chosen = found[best * voxels + voxel];
    let isSame = true;
    for (let head = 0; head < heads; head++) {
      const [value, other] = [expected, found].map((logits) => logits[head * voxels + voxel]);
      // Not a number is never the same.
      isSame &&= other <= chosen + tie && (value > 0 === other > 0 || Math.abs(other) <= tie);
    }
    if (!isSame) differing++;
  }
  return differing;
}

/** The functions that the worker serves. */
export type DeviceApi = typeof api;

serve(api);
