/** Checks what every sliding window must do, on any device. */

import assert from "node:assert/strict";
import { type NdArray, sizeOf, type Zyx, zyx } from "../../lib/array/nd_array.ts";
import { inferenceNames } from "../../lib/model/inference_graph.ts";
import { mirrorings } from "../../lib/model/mirroring.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { Session } from "../../lib/runtime/session.ts";
import { gaussianWeights } from "../../lib/window/gaussian.ts";
import type { SlidingWindow, SlidingWindowOptions } from "../../lib/window/sliding_window.ts";
import { tileOrigins, tileStarts } from "../../lib/window/tiles.ts";
import { tinyInferenceModel } from "../inference/tiny_inference_model.ts";

type Volume = NdArray<Float32Array<ArrayBuffer>>;

interface Setting extends SlidingWindowOptions {
  /** Voxels of the volume, (z, y, x). */
  readonly size: Zyx;
  /** Tiles times mirrored views. */
  readonly passes: number;
}

const heads = 3;
const channels = 2;
const folds = 2;

const settings: Readonly<Record<string, Setting>> = {
  "3D tiles over a larger volume": {
    tileSize: [4, 8, 8],
    heads,
    size: [5, 13, 8],
    mirrorAxes: [0, 2],
    passes: 2 * 3 * 4,
  },
  "a volume smaller than the tile": {
    tileSize: [4, 8, 8],
    heads,
    size: [3, 9, 5],
    mirrorAxes: [2],
    passes: 2 * 2,
  },
  "slice by slice": {
    tileSize: [8, 8],
    heads,
    size: [3, 11, 8],
    mirrorAxes: [1],
    passes: 3 * 2 * 2,
  },
  "larger steps, all voxels of a tile alike, no mirroring": {
    tileSize: [4, 4, 4],
    heads,
    size: [4, 7, 6],
    stepSize: 1,
    gaussian: false,
    passes: 2 * 2,
  },
};

/** Largest difference from the reference: sums are taken in another order. */
const TOLERANCE = 1e-4;

/**
 * Checks an implementation of {@link SlidingWindow}.
 *
 * @param check Runs one check under a name.
 * @param open Loads networks.
 */
export async function checkWindow(
  check: (name: string, run: () => Promise<void>) => unknown,
  open: (
    models: readonly Uint8Array<ArrayBuffer>[],
    options: SlidingWindowOptions,
  ) => Promise<SlidingWindow>,
): Promise<void> {
  for (const [name, { size, passes, ...options }] of Object.entries(settings)) {
    await check(name, async () => {
      const { tileSize } = options;
      const models = Array.from(
        { length: folds },
        (_, seed) => tinyInferenceModel({ tileSize, heads, channels, seed }),
      );
      const volume = noise(size);
      const expected = await reference(models, volume, size, options);
      const window = await open(models, options);
      const progress: [number, number][] = [];
      const found = await window.logits(volume, { onProgress: (...at) => progress.push(at) });
      assert.deepEqual(found.shape, [heads, ...size]);
      assertNear(found.data, expected);

      assert.deepEqual(progress.at(-1), [folds * passes, folds * passes]);
      for (const [i, [done, total]] of progress.entries()) {
        assert.equal(total, folds * passes);
        assert.ok(done > (progress[i - 1]?.[0] ?? 0), "progress grows");
      }

      assertNear(await fromBoxes(window, volume, size), expected);
      // A volume of another size, and the first one again.
      const other = zyx(size.map((n, axis) => n - axis));
      assert.deepEqual((await window.logits(noise(other))).shape, [heads, ...other]);
      assertNear((await window.logits(volume)).data, expected);

      const enough = new Error("Enough");
      const signal = AbortSignal.abort(enough);
      await assert.rejects(window.logits(volume, { signal }), enough);
      const visit = () => assert.fail("No box is final before the first pass");
      await assert.rejects(window.forEachBox(volume, visit, { signal }), enough);
      await assert.rejects(window.forEachBox(volume, () => Promise.reject(enough)), enough);
      await window.close();
    });
  }
}

/** Assembles a volume's logits from boxes, and checks what boxes guarantee. */
async function fromBoxes(window: SlidingWindow, volume: Volume, size: Zyx): Promise<Float32Array> {
  const logits = new Float32Array(heads * sizeOf(size)).fill(NaN);
  await window.forEachBox(volume, ({ origin, shape: [count, ...extents], data }) => {
    assert.equal(count, heads);
    let from = 0;
    for (let head = 0; head < heads; head++) {
      for (let z = 0; z < extents[0]; z++) {
        for (let y = 0; y < extents[1]; y++) {
          for (let x = 0; x < extents[2]; x++, from++) {
            const [k, j, i] = [origin[0] + z, origin[1] + y, origin[2] + x];
            const to = ((head * size[0] + k) * size[1] + j) * size[2] + i;
            const isNew = Number.isNaN(logits[to]);
            if (z > 0 && y > 0 && x > 0) assert.ok(isNew, "a voxel is visited once");
            const isEarlier = [z, y, x].some((n, axis) => n === 0 && origin[axis] > 0);
            if (isEarlier) assert.ok(!isNew, "a box begins with voxels of earlier boxes");
            if (isNew) logits[to] = data[from];
            else assert.equal(data[from], logits[to], "final logits do not change");
          }
        }
      }
    }
  });
  return logits;
}

/** Computes the logits by their definition, one pass after another. */
async function reference(
  models: readonly Uint8Array[],
  volume: Volume,
  size: Zyx,
  { tileSize, stepSize = 0.5, mirrorAxes = [], gaussian = true }: SlidingWindowOptions,
): Promise<Float32Array> {
  const slices = tileSize.length === 2;
  const tile = slices ? [1, ...tileSize] : tileSize;
  const padded = size.map((n, axis) => Math.max(n, tile[axis]));
  const before = size.map((n, axis) => Math.floor((padded[axis] - n) / 2));
  const starts = tileStarts(padded, tile, stepSize);
  if (slices) starts[0] = Array.from({ length: size[0] }, (_, z) => z);
  const weights = gaussian ? gaussianWeights(tileSize) : new Float32Array(sizeOf(tile)).fill(1);
  const sums = new Float64Array(heads * sizeOf(size));
  const total = new Float64Array(sizeOf(size));
  for (const model of models) {
    const session = await Session.create(model, { threads: 1 });
    for (const origin of tileOrigins(starts)) {
      for (const flip of mirrorings(mirrorAxes.map((axis) => axis + 3 - tileSize.length))) {
        /** Index in the volume of each voxel of the patch; −1 outside of it. */
        const voxels = tileOrigins(tile.map((n) => [...Array(n).keys()])).map((at) => {
          const [z, y, x] = at.map((i, axis) =>
            origin[axis] - before[axis] + (flip.includes(axis) ? tile[axis] - 1 - i : i)
          );
          const isInside = [z, y, x].every((i, axis) => i >= 0 && i < size[axis]);
          return isInside ? (z * size[1] + y) * size[2] + x : -1;
        });
        const data = Float32Array.from(
          Array.from({ length: channels }, (_, c) => c).flatMap((c) =>
            voxels.map((voxel) => voxel < 0 ? 0 : volume.data[c * sizeOf(size) + voxel])
          ),
        );
        const { [inferenceNames.logits]: logits } = await session.run({
          [inferenceNames.image]: { type: "float32", shape: [1, channels, ...tileSize], data },
        });
        voxels.forEach((voxel, i) => {
          if (voxel < 0) return;
          // A Gaussian of even extent is not symmetric; its weights belong to the unmirrored tile.
          const weight = weights[unflipped(i, tile, flip)];
          total[voxel] += weight;
          for (let head = 0; head < heads; head++) {
            sums[head * sizeOf(size) + voxel] += weight *
              Number(logits.data[head * voxels.length + i]);
          }
        });
      }
    }
    await session.release();
  }
  return Float32Array.from(sums, (sum, i) => sum / total[i % total.length]);
}

/** Returns the index in a tile of a voxel of its mirrored view. */
function unflipped(index: number, tile: readonly number[], flip: readonly number[]): number {
  const [, height, width] = tile;
  const at = [Math.floor(index / (height * width)), Math.floor(index / width) % height];
  const [z, y, x] = [...at, index % width].map((i, axis) =>
    flip.includes(axis) ? tile[axis] - 1 - i : i
  );
  return (z * height + y) * width + x;
}

function noise(size: Zyx): Volume {
  const generator = createGenerator(5);
  const shape = [channels, ...size];
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => generator.normal()) };
}

function assertNear(found: Float32Array, expected: Float32Array) {
  assert.equal(found.length, expected.length);
  const worst = expected.reduce((top, v, i) => {
    const difference = Math.abs(v - found[i]);
    return difference <= top ? top : difference; // NaN stays.
  }, 0);
  assert.ok(worst < TOLERANCE, `found a difference of ${worst}, expected ${TOLERANCE}`);
}
