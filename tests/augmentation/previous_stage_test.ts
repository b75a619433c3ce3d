import assert from "node:assert/strict";
import { nnunetTraining, nnunetValidation } from "../../lib/augmentation/nnunet_pipeline.ts";
import { previousStageToChannels } from "../../lib/augmentation/previous_stage.ts";
import { augment, type Sample } from "../../lib/augmentation/transform.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { randomSample } from "./samples.ts";

/** Makes a sample whose previous stage is its ground truth. */
function cascadeSample(shape: readonly number[], seed: number): Sample {
  const sample = randomSample(shape, seed);
  return { ...sample, previousStage: structuredClone(sample.segmentation) };
}

Deno.test("previousStageToChannels() appends one channel per label", () => {
  const sample = cascadeSample([4, 5], 1);
  const { image, previousStage } = previousStageToChannels({ labels: [1, 3] }).apply(
    sample,
    undefined,
  );
  assert.deepEqual(image.shape, [3, 4, 5]);
  assert.equal(previousStage, undefined);
  assert.deepEqual(image.data.slice(0, 20), sample.image.data);
  sample.segmentation.data.forEach((label, i) => {
    assert.equal(image.data[20 + i], label === 1 ? 1 : 0);
    assert.equal(image.data[40 + i], label === 3 ? 1 : 0);
  });
});

for (const patchSize of [[8, 10, 9], [2, 9, 8], [9, 8]]) {
  Deno.test(`nnunetTraining() transforms the previous stage as well: [${patchSize}]`, () => {
    const labels = [1, 2, 3];
    const { initialPatchSize, transforms } = nnunetTraining(patchSize, {
      previousStageLabels: labels,
    });
    const names = transforms.map(({ name }) => name);
    assert.deepEqual(names.slice(-3), [
      "previousStageToChannels",
      "binaryOperators",
      "componentRemoval",
    ]);
    // Without errors, the channels are the transformed ground truth.
    const exact = transforms.slice(0, -2);
    for (let seed = 0; seed < 10; seed++) {
      const { image, segmentation } = augment(
        cascadeSample(initialPatchSize, seed),
        exact,
        createGenerator(seed),
        true,
      );
      const voxels = segmentation.data.length;
      assert.deepEqual(image.shape, [4, ...patchSize]);
      segmentation.data.forEach((label, i) => {
        labels.forEach((one, channel) => {
          assert.equal(image.data[(1 + channel) * voxels + i], label === one ? 1 : 0);
        });
      });
    }
    for (let seed = 0; seed < 10; seed++) {
      const sample = cascadeSample(initialPatchSize, seed);
      const { image } = augment(sample, transforms, createGenerator(seed));
      const voxels = image.data.length / 4;
      for (let i = 0; i < voxels; i++) {
        const values = labels.map((_, channel) => image.data[(1 + channel) * voxels + i]);
        assert.ok(values.every((value) => value === 0 || value === 1));
        assert.ok(values.filter((value) => value === 1).length <= 1);
      }
    }
  });
}

Deno.test("nnunetTraining() corrupts the previous stage as often as nnU-Net", () => {
  const { transforms } = nnunetTraining([4, 4], { previousStageLabels: [1, 2] });
  const sample = randomSample([4, 4], 1);
  const generator = createGenerator(1);
  for (const [name, share] of Object.entries({ binaryOperators: 0.4, componentRemoval: 0.2 })) {
    const transform = transforms.find((one) => one.name === name)!;
    const drawn = Array.from(
      { length: 4000 },
      () => transform.draw(generator, sample) as { label: number; radius?: number }[] | undefined,
    );
    const done = drawn.filter((parameters) => parameters !== undefined);
    assert.ok(Math.abs(done.length / drawn.length - share) < 0.03);
    const labels = done.flat().map(({ label }) => label);
    for (const label of [0, 1]) {
      const found = labels.filter((one) => one === label).length / done.length;
      assert.ok(Math.abs(found - 0.5) < 0.06, `${name}: ${found}`);
    }
    assert.ok(done.flat().every(({ radius = 1 }) => radius >= 1 && radius < 8));
  }
});

Deno.test("nnunetValidation() leaves the previous stage unchanged", () => {
  const sample = cascadeSample([4, 5], 1);
  const { transforms } = nnunetValidation([4, 5], { previousStageLabels: [1, 2, 3] });
  assert.deepEqual(transforms.map(({ name }) => name), [
    "outsideToBackground",
    "previousStageToChannels",
  ]);
  assert.deepEqual(augment(sample, transforms, createGenerator(1)).image.shape, [4, 4, 5]);
});
