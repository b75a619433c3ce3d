import assert from "node:assert/strict";
import fc from "fast-check";
import { mirroring } from "../../lib/augmentation/mirroring.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { randomSample, sampleOf } from "./samples.ts";

const all = mirroring({ axes: [0, 1, 2] });

Deno.test("mirroring() flips the axes asked for", () => {
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

Deno.test("mirroring() draws each allowed axis half of the time, and no other", () => {
  const generator = createGenerator(5);
  const transform = mirroring({ axes: [0, 2] });
  const sample = randomSample([2, 2, 2], 1);
  const drawn = Array.from({ length: 2000 }, () => transform.draw(generator, sample));
  for (const [axis, share] of [[0, 0.5], [1, 0], [2, 0.5]]) {
    const found = drawn.filter((axes) => axes.includes(axis)).length / drawn.length;
    assert.ok(Math.abs(found - share) <= 0.05 * share * 2, `axis ${axis}: ${found}`);
  }
});
