import assert from "node:assert/strict";
import fc from "fast-check";
import { type NdArray, sizeOf, type Zyx } from "../../../lib/array/nd_array.ts";
import { CpuWindow, type CpuWindowOptions } from "../../../lib/window/cpu/cpu_window.ts";
import type { TilePredictor } from "../../../lib/window/cpu/predict_cells.ts";
import type { SlidingWindowRun } from "../../../lib/window/sliding_window.ts";
import { checkWindow } from "../window_contract.ts";

/** Returns a tile's voxels as its logits. */
const echo: TilePredictor = ({ data }) => Promise.resolve(data);

/** Creates a volume whose voxels all differ. */
function countingVolume(channels: number, size: Zyx) {
  const shape = [channels, ...size];
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => i + 1) };
}

const edge = (max: number) => fc.integer({ min: 1, max });
const subset = (axes: number[]) => fc.subarray(axes);
const step = fc.constantFrom(0.25, 0.5, 0.75, 1);

/** Predicts logits with one network. */
function predictVolume(
  volume: NdArray<Float32Array<ArrayBuffer>>,
  predict: TilePredictor,
  options: CpuWindowOptions & SlidingWindowRun,
) {
  return new CpuWindow([predict], options).logits(volume, options);
}

function assertSame(actual: Float32Array, expected: Float32Array) {
  assert.equal(actual.length, expected.length);
  // A weighted mean of equal numbers is that number, up to rounding.
  actual.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) <= 1e-5 * expected[i], `${value} at ${i}`)
  );
}

Deno.test("CpuWindow meets the contract", (test) =>
  checkWindow(
    (name, run) => test.step(name, run),
    (models, options) => CpuWindow.open(models, { ...options, threads: 1 }),
  ));

Deno.test("CpuWindow meets the contract with sums in a file", (test) =>
  checkWindow(
    (name, run) => test.step(name, run),
    (models, options) => CpuWindow.open(models, { ...options, threads: 1, cellBudget: 0 }),
  ));

Deno.test("CpuWindow reproduces a volume if the predictor is the identity", () =>
  fc.assert(fc.asyncProperty(
    fc.tuple(edge(7), edge(9), edge(11)),
    fc.tuple(edge(5), edge(5), edge(5)),
    edge(2),
    step,
    subset([0, 1, 2]),
    async (size, tileSize, channels, stepSize, mirrorAxes) => {
      const volume = countingVolume(channels, size);
      const logits = await predictVolume(volume, echo, {
        tileSize,
        heads: channels,
        stepSize,
        mirrorAxes,
      });
      assert.deepEqual(logits.shape, volume.shape);
      assertSame(logits.data, volume.data);
    },
  )));

Deno.test("CpuWindow reproduces a volume slice by slice", () =>
  fc.assert(fc.asyncProperty(
    fc.tuple(edge(4), edge(9), edge(9)),
    fc.tuple(edge(5), edge(5)),
    edge(2),
    step,
    subset([0, 1]),
    async (size, tileSize, channels, stepSize, mirrorAxes) => {
      const volume = countingVolume(channels, size);
      const seen: number[][] = [];
      const predict: TilePredictor = ({ shape, data }) => {
        seen.push([...shape]);
        return Promise.resolve(data);
      };
      const logits = await predictVolume(volume, predict, {
        tileSize,
        heads: channels,
        stepSize,
        mirrorAxes,
      });
      assertSame(logits.data, volume.data);
      for (const shape of seen) assert.deepEqual(shape, [channels, ...tileSize]);
    },
  )));

Deno.test("CpuWindow pads a volume smaller than the tile with zeros", async () => {
  const tiles: number[][] = [];
  const volume = { shape: [1, 1, 1, 2], data: Float32Array.of(5, 6) };
  const logits = await predictVolume(volume, (tile) => {
    tiles.push(Array.from(tile.data));
    return echo(tile);
  }, { tileSize: [1, 2, 5], heads: 1 });
  // One of the 3 missing voxels comes before the volume, and none of the one missing row.
  assert.deepEqual(tiles, [[0, 5, 6, 0, 0, 0, 0, 0, 0, 0]]);
  assert.deepEqual(Array.from(logits.data), [5, 6]);
});

Deno.test("CpuWindow predicts every mirrored view once and mirrors its logits back", async () => {
  const volume = countingVolume(1, [1, 2, 2]);
  const tiles: number[][] = [];
  const logits = await predictVolume(volume, ({ data }) => {
    tiles.push(Array.from(data));
    // This predictor marks the tile's first voxel.
    return Promise.resolve(Float32Array.of(1, 0, 0, 0));
  }, { tileSize: [1, 2, 2], heads: 1, mirrorAxes: [1, 2] });
  assert.deepEqual(tiles, [[1, 2, 3, 4], [3, 4, 1, 2], [2, 1, 4, 3], [4, 3, 2, 1]]);
  assert.deepEqual(Array.from(logits.data), [0.25, 0.25, 0.25, 0.25]);
});

Deno.test("CpuWindow makes 2ⁿ passes per tile for n mirrored axes", async () => {
  for (const [mirrorAxes, passes] of [[[], 1], [[1], 2], [[0, 1, 2], 8]] as const) {
    const progress: number[][] = [];
    let calls = 0;
    await predictVolume(countingVolume(1, [4, 4, 6]), (tile) => {
      calls++;
      return echo(tile);
    }, {
      tileSize: [4, 4, 4],
      heads: 1,
      mirrorAxes,
      onProgress: (done, total) => progress.push([done, total]),
    });
    assert.equal(calls, 2 * passes);
    assert.deepEqual(progress, Array.from({ length: calls }, (_, i) => [i + 1, calls]));
  }
});

Deno.test("CpuWindow weights overlapping tiles by their Gaussians", async () => {
  let tiles = 0;
  // Tiles start at 0, 4 and 8; each predicts its number everywhere.
  const { data } = await predictVolume(
    countingVolume(1, [1, 1, 16]),
    () => Promise.resolve(new Float32Array(8).fill(tiles++)),
    { tileSize: [1, 1, 8], heads: 1, stepSize: 0.5 },
  );
  // The profile of an edge of 8 is …, 1.3534 at 2, …, 6.0653 at 5, 1.3534 at 6, 0.1111 at 1 and 7.
  assert.ok(Math.abs(data[5] - 0.1111 / (6.0653 + 0.1111)) < 1e-4);
  assert.ok(Math.abs(data[6] - 0.5) < 1e-4);
  assert.ok(Math.abs(data[7] - 6.0653 / (6.0653 + 0.1111)) < 1e-4);
  assert.equal(data[0], 0);
  assert.equal(data[15], 2);
});

Deno.test("CpuWindow stops between passes when aborted", async () => {
  const controller = new AbortController();
  let calls = 0;
  const run = predictVolume(countingVolume(1, [4, 4, 20]), (tile) => {
    if (++calls === 2) controller.abort(new Error("Enough"));
    return echo(tile);
  }, { tileSize: [4, 4, 4], heads: 1, signal: controller.signal });
  await assert.rejects(run, { message: "Enough" });
  assert.equal(calls, 2);
});

Deno.test("CpuWindow averages folds, counts their passes and stops between them", async () => {
  const fold = (factor: number): TilePredictor => ({ data }) =>
    Promise.resolve(data.map((value) => factor * value));
  const volume = countingVolume(1, [4, 4, 6]);
  const options = { tileSize: [4, 4, 4], heads: 1 };
  const progress: number[][] = [];
  const { data } = await new CpuWindow([fold(1), fold(4)], options).logits(volume, {
    onProgress: (...at) => progress.push(at),
  });
  assertSame(data, volume.data.map((value) => 2.5 * value));
  assert.deepEqual(progress, [[2, 4], [4, 4]]);

  const controller = new AbortController();
  const aborting: TilePredictor = ({ data }) => {
    controller.abort(new Error("Enough"));
    return Promise.resolve(data);
  };
  const never: TilePredictor = () => assert.fail("the second fold's network runs");
  const stopped = new CpuWindow([aborting, never], options).logits(volume, {
    signal: controller.signal,
  });
  await assert.rejects(stopped, { message: "Enough" });
});
