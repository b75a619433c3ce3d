import assert from "node:assert/strict";
import fc from "fast-check";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { resizeMatrix } from "../../lib/array/resize_matrix.ts";
import { resampleImage } from "../../lib/preprocessing/resample.ts";
import { resampleSegmentation } from "../../lib/preprocessing/resample_segmentation.ts";
import { assertClose, golden, labels } from "./golden.ts";

const extent = fc.integer({ min: 1, max: 8 });
const shapes = fc.tuple(extent, extent, extent);
const isotropic = [1, 1, 1];
const spacings = fc.constantFrom(isotropic, [4, 1, 1], [1, 4, 1], [1, 1, 4], [4, 4, 1]);

for (const { name, spacing, newSpacing, ...arrays } of golden.resampling) {
  Deno.test(`resampleImage() agrees with nnU-Net: ${name}`, async () => {
    const { image, resampledImage } = arrays;
    const withChannel = { shape: [1, ...image.shape], data: Float32Array.from(image.data) };
    const { shape, data } = await resampleImage(
      withChannel,
      resampledImage.shape,
      spacing,
      newSpacing,
    );
    assertClose({ shape: shape.slice(1), data }, resampledImage, name);
  });

  Deno.test(`resampleSegmentation() agrees with nnU-Net: ${name}`, () => {
    const { shape } = arrays.resampledLabels;
    const actual = resampleSegmentation(labels(arrays.labels), shape, spacing, newSpacing);
    assert.deepEqual([...actual.data], arrays.resampledLabels.data);
  });
}

Deno.test("resampleImage() equals a matrix product per axis, across slabs and tiles", async () => {
  const [from, to] = [[26, 50, 60], [33, 150, 170]];
  const data = Float32Array.from({ length: sizeOf(from) }, (_, i) => Math.sin(i * i % 1009));
  const image = { shape: [1, ...from], data };
  for (const separate of [undefined, 0, 1, 2]) {
    const spacing = [0, 1, 2].map((axis) => axis === separate ? 5 : 1);
    const { data: actual } = await resampleImage(image, to, spacing, isotropic);
    const expected = resampleSlowly(data, from, to, separate);
    const worst = expected.reduce((worst, v, i) => Math.max(worst, Math.abs(v - actual[i])), 0);
    // The values span 2, so the tolerance is rounding to float32.
    assert.ok(worst < 2e-6, `separate axis ${separate}: off by ${worst}`);
  }
});

/** Resamples by definition: axis by axis in float64, clipped, then nearest slices. */
function resampleSlowly(
  data: Float32Array,
  from: readonly number[],
  to: readonly number[],
  separate?: number,
) {
  let array = { shape: from, data: Float64Array.from(data) };
  for (const axis of [0, 1, 2].filter((axis) => axis !== separate)) {
    array = multiplyAxis(array, axis, resizeMatrix(from[axis], to[axis], 3).data, to[axis]);
  }
  const sliceOf = (shape: readonly number[], i: number) =>
    separate === undefined
      ? 0
      : Math.floor(i / sizeOf(shape.slice(separate + 1))) % shape[separate];
  const limits = Array.from(
    { length: separate === undefined ? 1 : from[separate] },
    () => ({ low: Infinity, high: -Infinity }),
  );
  data.forEach((value, i) => {
    const limit = limits[sliceOf(from, i)];
    limit.low = Math.min(limit.low, value);
    limit.high = Math.max(limit.high, value);
  });
  array.data.forEach((value, i) => {
    const { low, high } = limits[sliceOf(array.shape, i)];
    array.data[i] = Math.min(Math.max(value, low), high);
  });
  if (separate === undefined) return array.data;
  const pick = resizeMatrix(from[separate], to[separate], 0).data;
  return multiplyAxis(array, separate, pick, to[separate]).data;
}

function multiplyAxis(
  { shape, data }: { shape: readonly number[]; data: Float64Array<ArrayBuffer> },
  axis: number,
  matrix: Float64Array,
  rows: number,
) {
  const inner = sizeOf(shape.slice(axis + 1));
  const columns = shape[axis];
  const result = new Float64Array(data.length / columns * rows);
  for (let outer = 0; outer < data.length / columns / inner; outer++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const weight = matrix[row * columns + column];
        if (weight === 0) continue;
        const source = (outer * columns + column) * inner;
        const target = (outer * rows + row) * inner;
        for (let i = 0; i < inner; i++) result[target + i] += weight * data[source + i];
      }
    }
  }
  return { shape: shape.with(axis, rows), data: result };
}

Deno.test("resampleImage() keeps constant volumes constant", async () => {
  const values = fc.float({ noNaN: true, min: Math.fround(-1e30), max: Math.fround(1e30) });
  await fc.assert(
    fc.asyncProperty(shapes, shapes, spacings, values, async (from, to, spacing, value) => {
      const data = new Float32Array(sizeOf(from)).fill(value);
      const result = await resampleImage({ shape: [1, ...from], data }, to, spacing, isotropic);
      assert.deepEqual(result.shape, [1, ...to]);
      assert.ok(result.data.every((resampled) => resampled === Math.fround(value)));
    }),
    { seed: 1 },
  );
});

Deno.test("resampleImage() stays within the range of each channel", async () => {
  await fc.assert(
    fc.asyncProperty(shapes, shapes, spacings, async (from, to, spacing) => {
      const size = sizeOf(from);
      const data = Float32Array.from(
        { length: 2 * size },
        (_, i) => (i * 7) % 5 + (i < size ? 0 : 9),
      );
      const image = { shape: [2, ...from], data };
      const { data: result } = await resampleImage(image, to, spacing, isotropic);
      const half = result.length / 2;
      assert.ok(result.every((value, i) => i < half ? value <= 4 : value >= 9));
    }),
    { seed: 1 },
  );
});

Deno.test("resampleImage() up and back restores smooth volumes", async () => {
  const data = Float32Array.from({ length: 12 ** 3 }, (_, i) => Math.sin(i / 144 / 2));
  const image = { shape: [1, 12, 12, 12], data };
  const finer = await resampleImage(image, [24, 24, 24], isotropic, [0.5, 0.5, 0.5]);
  const back = await resampleImage(finer, [12, 12, 12], [0.5, 0.5, 0.5], isotropic);
  back.data.forEach((value, i) => assert.ok(Math.abs(value - data[i]) < 0.02));
});

Deno.test("resampleSegmentation() up by an odd factor and back restores the labels", () => {
  fc.assert(
    fc.property(shapes, fc.constantFrom(3, 5), fc.infiniteStream(fc.nat(3)), (shape, factor, s) => {
      const data = Int16Array.from(s.take(sizeOf(shape)));
      const larger = shape.map((extent) => extent * factor);
      const up = resampleSegmentation({ shape, data }, larger, isotropic, isotropic);
      const back = resampleSegmentation(up, shape, isotropic, isotropic);
      // The centre of an odd block is the original voxel.
      assert.deepEqual([...back.data], [...data]);
    }),
    { seed: 1, numRuns: 50 },
  );
});

Deno.test("resampleSegmentation() breaks ties by the nearest voxel", () => {
  const map = { shape: [1, 1, 4], data: Int16Array.of(5, 2, 2, 9) };
  const halved = resampleSegmentation(map, [1, 1, 2], isotropic, isotropic);
  // Samples are half-way between 5 and 2 and between 2 and 9; order 0 rounds up, to 2 and 9.
  assert.deepEqual([...halved.data], [2, 9]);
});

Deno.test("resampleSegmentation() picks the lowest tied label if the nearest voxel's is not tied", () => {
  // At the centre 1 and 2 have three votes of eight each; the nearest voxel, by order 0, has 3.
  const map = { shape: [2, 2, 2], data: Int16Array.of(3, 2, 2, 2, 1, 1, 1, 3) };
  assert.deepEqual([...resampleSegmentation(map, [1, 1, 1], isotropic, isotropic).data], [1]);
});

Deno.test("resample functions return their input if it already has the shape", async () => {
  const image = { shape: [1, 2, 2, 2], data: new Float32Array(8) };
  const map = { shape: [2, 2, 2], data: new Int16Array(8) };
  assert.equal(await resampleImage(image, [2, 2, 2], isotropic, [2, 2, 2]), image);
  assert.equal(resampleSegmentation(map, [2, 2, 2], isotropic, [2, 2, 2]), map);
});
