/** Properties of the intensity transforms; golden_test.ts checks their values. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { brightness } from "../../lib/augmentation/brightness.ts";
import { contrast } from "../../lib/augmentation/contrast.ts";
import { gamma } from "../../lib/augmentation/gamma.ts";
import { gaussianBlur, gaussianKernel } from "../../lib/augmentation/gaussian_blur.ts";
import { gaussianNoise } from "../../lib/augmentation/gaussian_noise.ts";
import { lowResolution } from "../../lib/augmentation/low_resolution.ts";
import { mirroring } from "../../lib/augmentation/mirroring.ts";
import type { Transform } from "../../lib/augmentation/transform.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { randomSample, sampleOf } from "./samples.ts";

const transforms: readonly Transform[] = [
  brightness({ factor: [0.75, 1.25] }),
  contrast({ factor: [0.75, 1.25] }),
  gamma({ exponent: [0.7, 1.5], inverted: false }),
  gamma({ exponent: [0.7, 1.5], inverted: true }),
  gaussianBlur({ sigma: [0.5, 1], channelProbability: 0.5 }),
  gaussianNoise({ sigma: [0, 0.1] }),
  lowResolution({ scale: [0.5, 1], channelProbability: 0.5, withinSlices: false }),
  mirroring({ axes: [0, 1] }),
];

const extent = fc.integer({ min: 1, max: 9 });
const shapes = fc.oneof(fc.tuple(extent, extent), fc.tuple(extent, extent, extent));
const seeds = fc.integer({ min: 1, max: 2 ** 20 });

for (const transform of transforms) {
  Deno.test(`${transform.name}() gives the same result in place, and overwrites only if allowed`, () => {
    fc.assert(fc.property(shapes, seeds, (shape, seed) => {
      const sample = randomSample(shape, seed, 2);
      const parameters = transform.draw(createGenerator(seed), sample);
      const before = structuredClone(sample);
      const beside = transform.apply(sample, parameters);
      assert.deepEqual(sample, before);
      const inPlace = transform.apply(sample, parameters, true);
      assert.deepEqual(inPlace, beside);
      assert.equal(inPlace.image.data.buffer, sample.image.data.buffer);
    }));
  });
}

Deno.test("gaussianBlur() keeps constants, and the mean away from the border", () => {
  fc.assert(
    fc.property(
      fc.tuple(...[0, 1, 2].map(() => fc.double({ min: 0.5, max: 1, noNaN: true }))),
      (sigmas) => {
        const blur = gaussianBlur({ sigma: [0.5, 1], channelProbability: 1 });
        const impulse = new Array(9 ** 3).fill(0);
        impulse[(4 * 9 + 4) * 9 + 4] = 1;
        const { data } = blur.apply(sampleOf([9, 9, 9], impulse), [sigmas]).image;
        assert.ok(Math.abs(data.reduce((sum, value) => sum + value, 0) - 1) < 1e-6);
        const weights = sigmas.map((sigma) => gaussianKernel(sigma));
        assert.ok(
          Math.abs(data[(4 * 9 + 4) * 9 + 5] - weights[0][0] * weights[1][0] * weights[2][1]) <
            1e-7,
        );
        const constant = blur.apply(sampleOf([3, 2, 1], [4, 4, 4, 4, 4, 4]), [sigmas]).image.data;
        assert.ok(constant.every((value) => Math.abs(value - 4) < 1e-6));
      },
    ),
  );
});

Deno.test("gaussianBlur() works for wide kernels and mirrors at the border", () => {
  const blur = gaussianBlur({ sigma: [1, 9], channelProbability: 1 });
  const row = [1, 2, 4, 8, 16, 32, 64];
  for (const [axis, shape] of [[1, [1, 7]], [0, [7, 1]]] as const) {
    const kernel = gaussianKernel(2);
    assert.equal(kernel.length, 7);
    const sigmas = [0, 1].map((other) => other === axis ? 2 : 1);
    const { data } = blur.apply(sampleOf(shape, row), [sigmas]).image;
    const expected = row.map((value, i) =>
      kernel.reduce((sum, weight, distance) => {
        const at = (j: number) => row[j < 0 ? -j : j > 6 ? 12 - j : j];
        return sum +
          (distance === 0 ? weight * value : weight * (at(i - distance) + at(i + distance)));
      }, 0)
    );
    expected.forEach((value, i) => assert.ok(Math.abs(data[i] - value) < 1e-5));
  }
});

Deno.test("lowResolution() stays within the range and is the identity at scale 1", () => {
  const transform = lowResolution({ scale: [0.5, 1], channelProbability: 1, withinSlices: false });
  fc.assert(
    fc.property(
      shapes,
      seeds,
      fc.double({ min: 0.2, max: 1, noNaN: true }),
      (shape, seed, scale) => {
        const sample = randomSample(shape, seed);
        const { data } = transform.apply(sample, [scale]).image;
        const [low, high] = [Math.min(...sample.image.data), Math.max(...sample.image.data)];
        assert.ok(data.every((value) => value >= low - 1e-6 && value <= high + 1e-6));
        assert.deepEqual(transform.apply(sample, [1]).image, sample.image);
      },
    ),
  );
});

Deno.test("contrast() keeps the range and, without clipping, the mean", () => {
  const sample = sampleOf([1, 4], [0, 1, 2, 5]);
  const transform = contrast({ factor: [0.75, 1.25] });
  assert.deepEqual([...transform.apply(sample, [0.5]).image.data], [1, 1.5, 2, 3.5]);
  assert.deepEqual([...transform.apply(sample, [2]).image.data], [0, 0, 2, 5]);
});

Deno.test("brightness() multiplies each channel by its own factor", () => {
  const sample = randomSample([2, 3], 1, 2);
  const { data } = brightness({ factor: [0.75, 1.25] }).apply(sample, [0.5, 2]).image;
  const expected = sample.image.data.map((value, i) => value * (i < 6 ? 0.5 : 2));
  assert.deepEqual(data, expected);
});

Deno.test("gamma() is within 1e-6 of the exact power", () => {
  const values = Array.from({ length: 5001 }, (_, i) => (i / 5000) ** 3);
  for (const power of [0.7, 0.93, 1.2, 1.5]) {
    // Since mean and standard deviation are restored, only the curve's shape can differ.
    const { data } = gamma({ exponent: [0.7, 1.5], inverted: false })
      .apply(sampleOf([1, 5001], values), [power]).image;
    const [first, last] = [data[0], data[5000]];
    values.forEach((value, i) => {
      const curve = (data[i] - first) / (last - first);
      assert.ok(Math.abs(curve - value ** power) < 1e-6, `${value} ** ${power}: ${curve}`);
    });
  }
});
