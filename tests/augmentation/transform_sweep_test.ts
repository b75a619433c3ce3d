import assert from "node:assert/strict";
import { nnunetTraining } from "../../lib/augmentation/nnunet_pipeline.ts";
import { transformSweeps } from "../../lib/augmentation/transform_sweep.ts";
import { randomSample } from "./samples.ts";

for (const patchSize of [[8, 10, 9], [2, 9, 8], [9, 8]]) {
  Deno.test(`transformSweeps() covers each range for a patch of [${patchSize}]`, () => {
    const sample = randomSample(patchSize, 1, 2);
    const before = structuredClone(sample);
    const sweeps = transformSweeps(patchSize);
    for (const { name, range: [low, high], neutral, probability, apply } of sweeps) {
      assert.ok(low <= neutral && neutral <= high && probability > 0 && probability < 1, name);
      // The ends may be equal: rotations by π and −π are the same.
      const values = [low, low + (high - low) / 3];
      const [atLow, higher] = values.map((value) => apply(sample, value).image);
      assert.deepEqual(atLow.shape, [2, ...patchSize]);
      assert.notDeepEqual(atLow.data, higher.data);
      const unchanged = apply(sample, neutral).image.data;
      if (name === "gaussianBlur") continue; // Even the smallest value blurs.
      unchanged.forEach((value, i) => {
        assert.ok(Math.abs(value - sample.image.data[i]) < 1e-5, name);
      });
    }
    assert.deepEqual(sample, before);
    // Every training transform that draws something other than axes has a sweep.
    const names = sweeps.map(({ name }) => name);
    const training = nnunetTraining(patchSize).transforms.map(({ name }) => name);
    const without = training.filter((name) => !names.includes(name));
    assert.deepEqual(without, ["spatial", "mirroring", "maskOutside", "outsideToBackground"]);
  });
}
