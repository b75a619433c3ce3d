import assert from "node:assert/strict";
import { gaussianNoise } from "../../lib/augmentation/gaussian_noise.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { randomSample, sampleOf } from "./samples.ts";

const transform = gaussianNoise({ sigma: [0, 0.1] });

Deno.test("gaussianNoise() adds sigma times its noise", () => {
  const noise = Float32Array.of(1, -2);
  const sample = sampleOf([1, 2], [1, 1]);
  const { image, segmentation } = transform.apply(sample, { sigma: 0.5, noise });
  assert.deepEqual(Array.from(image.data), [1.5, 0]);
  assert.equal(segmentation, sample.segmentation);
  assert.deepEqual(Array.from(sample.image.data), [1, 1]);
});

Deno.test("gaussianNoise() draws sigma within its range and reproducible noise", () => {
  const sample = randomSample([30, 40], 1, 2);
  const generator = createGenerator(4);
  const { noise } = transform.draw(generator, sample);
  const added = () => {
    const { image } = transform.apply(sample, { sigma: 1, noise });
    return image.data.map((value, i) => value - sample.image.data[i]);
  };
  const values = added();
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  const variance = values.reduce((sum, value) => sum + value ** 2) / values.length;
  assert.equal(values.length, 2400);
  assert.ok(Math.abs(mean) < 0.1 && Math.abs(variance - 1) < 0.15); // Five standard errors.
  assert.deepEqual(added(), values);
  const sigmas = Array.from(
    { length: 200 },
    () => transform.draw(generator, sampleOf([1, 1], [0])).sigma,
  );
  assert.ok(sigmas.every((sigma) => sigma >= 0 && sigma < 0.1));
  assert.ok(Math.max(...sigmas) > 0.09 && Math.min(...sigmas) < 0.01);
});
