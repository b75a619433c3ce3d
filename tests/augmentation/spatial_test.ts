import assert from "node:assert/strict";
import fc from "fast-check";
import { type Shape, sizeOf } from "../../lib/array/nd_array.ts";
import { spatial } from "../../lib/augmentation/spatial.ts";
import type { Sample } from "../../lib/augmentation/transform.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { randomSample, sampleOf } from "./samples.ts";

function transformTo(patchSize: Shape, slicewise = false) {
  return spatial({
    patchSize,
    slicewise,
    rotationProbability: 0.2,
    maxRotation: Math.PI / 6,
    scalingProbability: 0.2,
    scaling: [0.7, 1.4],
  });
}

const QUARTER = Math.PI / 2;

const parameters = fc.record({
  angles: fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -3, max: 3, noNaN: true }))),
  scaling: fc.double({ min: 0.5, max: 2, noNaN: true }),
});

Deno.test("spatial() without parameters crops to the centre", () => {
  const sample = sampleOf([1, 4], [1, 2, 3, 4]);
  const { image, segmentation } = transformTo([1, 2]).apply(sample, undefined);
  assert.deepEqual(image, { shape: [1, 1, 2], data: Float32Array.of(2, 3) });
  assert.deepEqual(segmentation, { shape: [1, 2], data: Int16Array.of(2, 3) });
});

Deno.test("spatial() pads small samples with zeros and labels of -1", () => {
  const sample = sampleOf([1, 2], [1, 2]);
  const { image, segmentation } = transformTo([1, 4]).apply(sample, undefined);
  assert.deepEqual(Array.from(image.data), [0, 1, 2, 0]);
  assert.deepEqual(Array.from(segmentation.data), [-1, 1, 2, -1]);
});

Deno.test("spatial() interpolates between voxels and the zeros outside", () => {
  // Positions 0.5 ± 1 of two voxels at 0 and 1: half a voxel outside.
  const { image, segmentation } = transformTo([1, 2]).apply(sampleOf([1, 2], [2, 4]), {
    angles: [0],
    scaling: 2,
  });
  assert.deepEqual(Array.from(image.data), [1, 2]);
  // Half a vote each: the nearest voxel decides, halves to the even index (0, and 2, outside).
  assert.deepEqual(Array.from(segmentation.data), [2, -1]);
});

Deno.test("spatial() takes the voxel of even index half-way between two labels", () => {
  for (
    const [shape, patchSize, expected] of [
      [[1, 2], [1, 1], [1]], // Between 0 and 1.
      [[1, 4], [1, 1], [3]], // Between 1 and 2.
      [[1, 4], [1, 3], [1, 3, 3]], // Between 0 and 1, 1 and 2, 2 and 3.
    ]
  ) {
    const row = Array.from({ length: shape[1] }, (_, i) => i + 1);
    const { segmentation } = transformTo(patchSize).apply(sampleOf(shape, row), {
      angles: [0],
      scaling: 1,
    });
    assert.deepEqual(Array.from(segmentation.data), expected);
  }
});

Deno.test("spatial() enlarges objects with scalings below 1", () => {
  const row = [0, 0, 0, 1, 1, 0, 0, 0];
  const { segmentation } = transformTo([1, 8]).apply(sampleOf([1, 8], row), {
    angles: [0],
    scaling: 0.5,
  });
  assert.deepEqual(Array.from(segmentation.data), [0, 0, 1, 1, 1, 1, 0, 0]);
});

Deno.test("spatial() with angles of 0 is a crop if sizes differ by an even number", () => {
  for (const [shape, patchSize] of [[[7, 9, 8], [5, 3, 4]], [[9, 8], [5, 6]]]) {
    const sample = randomSample(shape, 1, 2);
    const transform = transformTo(patchSize);
    assert.deepEqual(
      transform.apply(sample, { angles: shape.length === 3 ? [0, 0, 0] : [0], scaling: 1 }),
      transform.apply(sample, undefined),
    );
  }
});

/** Returns the sample whose voxel (i, j, k) is the given sample's at `map(i, j, k)`. */
function permuted(
  sample: Sample,
  map: (i: number, j: number, k: number) => readonly [number, number, number],
): Sample {
  const [n] = sample.segmentation.shape;
  const order = Array.from({ length: n ** 3 }, (_, index) => {
    const [i, j, k] = map(Math.floor(index / n / n), Math.floor(index / n) % n, index % n);
    return (i * n + j) * n + k;
  });
  return {
    image: {
      ...sample.image,
      data: Float32Array.from(order, (index) => sample.image.data[index]),
    },
    segmentation: {
      ...sample.segmentation,
      data: Int16Array.from(order, (index) => sample.segmentation.data[index]),
    },
  };
}

Deno.test("spatial() with a quarter turn permutes the voxels of a cube", () => {
  const n = 5;
  const cube = randomSample([n, n, n], 2);
  const last = n - 1;
  const turns = [
    { axis: 0, map: (i: number, j: number, k: number) => [i, last - k, j] as const },
    { axis: 1, map: (i: number, j: number, k: number) => [k, j, last - i] as const },
    { axis: 2, map: (i: number, j: number, k: number) => [last - j, i, k] as const },
  ];
  for (const { axis, map } of turns) {
    const angles = [0, 1, 2].map((other) => other === axis ? QUARTER : 0);
    const turned = transformTo([n, n, n]).apply(cube, { angles, scaling: 1 });
    const expected = permuted(cube, map);
    assert.deepEqual(turned.segmentation, expected.segmentation, `axis ${axis}`);
    for (let i = 0; i < n ** 3; i++) {
      assert.ok(Math.abs(turned.image.data[i] - expected.image.data[i]) < 1e-6, `axis ${axis}`);
    }
  }
});

Deno.test("spatial() with four quarter turns is the identity", () => {
  const sample = randomSample([6, 6], 3);
  const transform = transformTo([6, 6]);
  let turned = sample;
  for (let i = 0; i < 4; i++) turned = transform.apply(turned, { angles: [QUARTER], scaling: 1 });
  assert.deepEqual(turned.segmentation, sample.segmentation);
});

Deno.test("spatial() rotates the slices of a slicewise patch like separate slices", () => {
  const volume = randomSample([3, 9, 8], 4);
  const chosen = { angles: [0.7], scaling: 1.2 };
  const { image, segmentation } = transformTo([3, 6, 5], true).apply(volume, chosen);
  for (let z = 0; z < 3; z++) {
    const slice: Sample = {
      image: { shape: [1, 9, 8], data: volume.image.data.slice(z * 72, (z + 1) * 72) },
      segmentation: { shape: [9, 8], data: volume.segmentation.data.slice(z * 72, (z + 1) * 72) },
    };
    const expected = transformTo([6, 5]).apply(slice, chosen);
    assert.deepEqual(image.data.slice(z * 30, (z + 1) * 30), expected.image.data);
    assert.deepEqual(segmentation.data.slice(z * 30, (z + 1) * 30), expected.segmentation.data);
  }
});

Deno.test("spatial() treats every channel alike", () => {
  const one = randomSample([6, 7, 8], 5);
  const data = new Float32Array(2 * 336);
  data.set(one.image.data);
  data.set(one.image.data.map((value) => 3 * value), 336);
  const chosen = { angles: [0.4, 0.2, -0.6], scaling: 0.9 };
  const single = transformTo([5, 6, 7]).apply(one, chosen);
  const both = transformTo([5, 6, 7])
    .apply({ ...one, image: { shape: [2, 6, 7, 8], data } }, chosen);
  assert.deepEqual(both.image.data.slice(0, 210), single.image.data);
  both.image.data.slice(210).forEach((value, i) => {
    assert.ok(Math.abs(value - 3 * single.image.data[i]) < 1e-5);
  });
});

Deno.test("spatial() introduces no new labels", () => {
  fc.assert(fc.property(parameters, fc.integer({ min: 1, max: 99 }), (chosen, seed) => {
    const sample = randomSample([6, 5, 7], seed);
    const labels = sample.segmentation.data.map((label) => label < 0 ? 7 : 10 * label);
    const { segmentation } = transformTo([5, 6, 4])
      .apply({ ...sample, segmentation: { shape: [6, 5, 7], data: labels } }, chosen);
    const known = new Set([...labels, -1]);
    assert.ok(segmentation.data.every((label) => known.has(label)));
  }));
});

Deno.test("spatial() keeps constants constant within the sample", () => {
  fc.assert(fc.property(parameters, ({ angles }) => {
    const sample: Sample = {
      image: { shape: [1, 12, 12, 12], data: new Float32Array(1728).fill(3) },
      segmentation: { shape: [12, 12, 12], data: new Int16Array(1728).fill(2) },
    };
    // A cube of edge 6, however rotated, fits within one of edge 12.
    const { image, segmentation } = transformTo([6, 6, 6]).apply(sample, { angles, scaling: 1 });
    assert.ok(image.data.every((value) => Math.abs(value - 3) < 1e-6));
    assert.ok(segmentation.data.every((label) => label === 2));
  }));
});

Deno.test("spatial() never modifies its sample", () => {
  const sample = randomSample([5, 5, 5], 6);
  const before = structuredClone(sample);
  transformTo([5, 5, 5]).apply(sample, { angles: [1, 2, 3], scaling: 1.1 });
  assert.deepEqual(sample, before);
});

Deno.test("spatial() draws within its ranges and with its probabilities", () => {
  const generator = createGenerator(1);
  const transform = transformTo([4, 4, 4]);
  const sample = randomSample([4, 4, 4], 1);
  const drawn = Array.from({ length: 4000 }, () => transform.draw(generator, sample));
  const chosen = drawn.filter((parameters) => parameters !== undefined);
  const turned = chosen.filter(({ angles }) => angles.some((angle) => angle !== 0));
  const scaled = chosen.filter(({ scaling }) => scaling !== 1);
  // The fractions' standard deviations are 0.0076 and 0.0063.
  assert.ok(Math.abs(chosen.length / 4000 - 0.36) < 0.03);
  assert.ok(Math.abs(turned.length / 4000 - 0.2) < 0.025);
  assert.ok(Math.abs(scaled.length / 4000 - 0.2) < 0.025);
  for (const { angles, scaling } of chosen) {
    assert.equal(angles.length, 3);
    assert.ok(angles.every((angle) => Math.abs(angle) <= Math.PI / 6));
    assert.ok(Number(scaling) >= 0.7 && Number(scaling) <= 1.4);
  }
});

Deno.test("spatial() rejects samples with a different number of axes or slices", () => {
  const apply = (shape: Shape, patchSize: Shape, slicewise: boolean) => () =>
    transformTo(patchSize, slicewise).apply(
      {
        image: { shape: [1, ...shape], data: new Float32Array(sizeOf(shape)) },
        segmentation: { shape, data: new Int16Array(sizeOf(shape)) },
      },
      undefined,
    );
  assert.throws(apply([4, 4], [2, 2, 2], false), {
    name: "RangeError",
    message: "Cannot take a patch of shape [2,2,2] from a sample of shape [4,4]",
  });
  assert.throws(apply([4, 4, 4], [2, 2, 2], true), RangeError);
});

Deno.test("spatial() deforms with its probability, and all slices of a volume alike", () => {
  const elastic = { probability: 0.5, strength: [0, 20], sigma: [1, 2] } as const;
  const options = {
    rotationProbability: 0,
    maxRotation: 1,
    scalingProbability: 0,
    scaling: [0.7, 1.4],
    elastic,
  } as const;
  const generator = createGenerator(1);
  const sample = randomSample([3, 9, 8], 4);
  const slices = spatial({ patchSize: [3, 6, 5], slicewise: true, ...options });
  const drawn = Array.from({ length: 400 }, () => slices.draw(generator, sample));
  const deformed = drawn.filter((parameters) => parameters !== undefined);
  assert.ok(Math.abs(deformed.length / drawn.length - 0.5) < 0.12);
  const [{ displacement }] = deformed;
  assert.equal(displacement!.length, 2 * 6 * 5);
  const { image, segmentation } = slices.apply(sample, deformed[0]);
  const plane = spatial({ patchSize: [6, 5], slicewise: false, ...options });
  for (let z = 0; z < 3; z++) {
    const slice: Sample = {
      image: { shape: [1, 9, 8], data: sample.image.data.slice(z * 72, (z + 1) * 72) },
      segmentation: { shape: [9, 8], data: sample.segmentation.data.slice(z * 72, (z + 1) * 72) },
    };
    const expected = plane.apply(slice, deformed[0]);
    assert.deepEqual(image.data.slice(z * 30, (z + 1) * 30), expected.image.data);
    assert.deepEqual(segmentation.data.slice(z * 30, (z + 1) * 30), expected.segmentation.data);
  }
});
