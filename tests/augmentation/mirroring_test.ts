import assert from "node:assert/strict";
import fc from "fast-check";
import { mirroring } from "../../lib/augmentation/mirroring.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { randomSample, sampleOf } from "./samples.ts";

const all = mirroring({ axes: [0, 1, 2] });

Deno.test("mirroring() flips the given axes", () => {
  const sample = sampleOf([2, 3], [1, 2, 3, 4, 5, 6]);
  const flip = (axes: number[]) => Array.from(all.apply(sample, axes).image.data);
  assert.deepEqual(flip([0]), [4, 5, 6, 1, 2, 3]);
  assert.deepEqual(flip([1]), [3, 2, 1, 6, 5, 4]);
  assert.deepEqual(flip([0, 1]), [6, 5, 4, 3, 2, 1]);
  assert.deepEqual(
    Array.from(all.apply(sampleOf([2, 1, 2], [1, 2, 3, 4]), [0]).segmentation.data),
    [3, 4, 1, 2],
  );
});

Deno.test("mirroring() twice is the identity, and flips image and labels alike", () => {
  const axes = fc.subarray([0, 1, 2]);
  fc.assert(fc.property(axes, fc.integer({ min: 1, max: 99 }), (flipped, seed) => {
    const sample = randomSample([3, 4, 5], seed, 2);
    const mirrored = all.apply(sample, flipped);
    assert.deepEqual(all.apply(mirrored, flipped), sample);
    const labelsAsImage = {
      ...sample,
      image: { shape: [1, 3, 4, 5], data: Float32Array.from(sample.segmentation.data) },
    };
    assert.deepEqual(
      Array.from(all.apply(labelsAsImage, flipped).image.data),
      Array.from(mirrored.segmentation.data),
    );
  }));
});

Deno.test("mirroring() keeps every voxel of patches that it flips in blocks", () => {
  const shape = [5, 130, 118], [depth, height, width] = shape; // Two planes per block.
  const sample = randomSample(shape, 3, 2);
  for (const axes of [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]) {
    const { image, segmentation } = all.apply(sample, axes);
    const flip = (index: number, axis: number) =>
      axes.includes(axis) ? shape[axis] - 1 - index : index;
    for (let i = 0, z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          const from = (flip(z, 0) * height + flip(y, 1)) * width + flip(x, 2);
          const second = i + depth * height * width;
          if (
            image.data[i] !== sample.image.data[from] ||
            image.data[second] !== sample.image.data[from + depth * height * width] ||
            segmentation.data[i] !== sample.segmentation.data[from]
          ) assert.fail(`voxel ${[z, y, x]} of axes ${axes}`);
        }
      }
    }
  }
});

Deno.test("mirroring() draws each allowed axis half of the time and no other", () => {
  const generator = createGenerator(5);
  const transform = mirroring({ axes: [0, 2] });
  const sample = randomSample([2, 2, 2], 1);
  const drawn = Array.from({ length: 2000 }, () => transform.draw(generator, sample));
  for (const [axis, share] of [[0, 0.5], [1, 0], [2, 0.5]]) {
    const found = drawn.filter((axes) => axes.includes(axis)).length / drawn.length;
    assert.ok(Math.abs(found - share) <= 0.05 * share * 2, `axis ${axis}: ${found}`);
  }
});
