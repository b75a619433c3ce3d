import assert from "node:assert/strict";
import { sizeOf } from "../../lib/array/nd_array.ts";
import {
  createPipeline,
  nnunetTraining,
  nnunetValidation,
  type Pipeline,
} from "../../lib/augmentation/nnunet_pipeline.ts";
import { brightness } from "../../lib/augmentation/brightness.ts";
import { augment, withProbability } from "../../lib/augmentation/transform.ts";
import { gamma } from "../../lib/augmentation/gamma.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { randomSample } from "./samples.ts";

Deno.test("nnunetTraining() lists its steps in nnU-Net's order", () => {
  assert.deepEqual(nnunetTraining([8, 8, 8]).transforms.map(({ name }) => name), [
    "spatial",
    "gaussianNoise",
    "gaussianBlur",
    "brightness",
    "contrast",
    "lowResolution",
    "gammaInverted",
    "gamma",
    "mirroring",
    "maskOutside",
    "outsideToBackground",
  ]);
});

Deno.test("nnunetTraining() changes intensities as often as nnU-Net", () => {
  const sample = randomSample([2, 2], 1);
  const generator = createGenerator(2);
  const shares = {
    gaussianNoise: 0.1,
    gaussianBlur: 0.2,
    brightness: 0.15,
    contrast: 0.15,
    lowResolution: 0.25,
    gammaInverted: 0.1,
    gamma: 0.3,
  };
  for (const [step, share] of Object.entries(shares)) {
    const transform = nnunetTraining([2, 2]).transforms.find(({ name }) => name === step)!;
    const drawn = Array.from({ length: 4000 }, () => transform.draw(generator, sample));
    const found = drawn.filter((parameters) => parameters !== undefined).length / drawn.length;
    assert.ok(Math.abs(found - share) < 0.03, `${step}: ${found}`);
  }
});

for (const patchSize of [[8, 10, 9], [2, 9, 8], [9, 8]]) {
  Deno.test(`nnunetTraining() makes patches of [${patchSize}] with labels from 0`, () => {
    const { initialPatchSize, transforms } = nnunetTraining(patchSize);
    const sample = randomSample(initialPatchSize, 1, 2);
    const before = structuredClone(sample);
    for (let seed = 0; seed < 20; seed++) {
      const { image, segmentation } = augment(sample, transforms, createGenerator(seed));
      assert.deepEqual(image.shape, [2, ...patchSize]);
      assert.equal(image.data.length, 2 * sizeOf(patchSize));
      assert.deepEqual(segmentation.shape, patchSize);
      assert.ok(segmentation.data.every((label) => label >= 0 && label <= 3));
      assert.ok(image.data.every(Number.isFinite));
    }
    assert.deepEqual(sample, before);
  });
}

Deno.test("nnunetTraining() mirrors only allowed axes and reads less for smaller angles", () => {
  const pipeline = nnunetTraining([8, 8, 8], { mirrorAxes: [], maxRotation: 0 });
  assert.deepEqual(pipeline.initialPatchSize, [9, 9, 9]);
  const mirroring = pipeline.transforms.find(({ name }) => name === "mirroring")!;
  assert.deepEqual(mirroring.draw(createGenerator(1), randomSample([2, 2, 2], 1)), []);
});

Deno.test("nnunetTraining() rotates volumes of thick slices as a whole with slicewise: false", () => {
  assert.equal(nnunetTraining([4, 16, 16]).initialPatchSize[0], 4);
  const { initialPatchSize } = nnunetTraining([4, 16, 16], { slicewise: false });
  // Upstream's get_patch_size([4, 16, 16], ±π/6 three times, (0.85, 1.25)).
  assert.deepEqual(initialPatchSize, [13, 25, 18]);
});

Deno.test("nnunetTraining() corrupts every label of the previous stage with previousStageErrors: 1", () => {
  const { transforms } = nnunetTraining([6, 6], {
    previousStageLabels: [1, 2, 3],
    previousStageErrors: 1,
  });
  const errors = transforms.find(({ name }) => name === "binaryOperators")!;
  const sample = randomSample([6, 6], 1, 4);
  const drawn = Array.from({ length: 100 }, (_, seed) => errors.draw(createGenerator(seed), sample))
    .filter(Array.isArray);
  assert.ok(drawn.length > 20);
  assert.ok(drawn.every((operations) => operations.length === 3));
});

Deno.test("nnunetTraining() zeroes masked channels outside the mask after changing intensities", () => {
  const { initialPatchSize, transforms } = nnunetTraining([4, 4], { useMaskForNorm: [true] });
  const sample = randomSample(initialPatchSize, 1);
  sample.segmentation.data.fill(-1);
  for (let seed = 0; seed < 10; seed++) {
    const { image } = augment(sample, transforms, createGenerator(seed));
    assert.ok(image.data.every((value) => value === 0));
  }
});

Deno.test("nnunetValidation() leaves images unchanged", () => {
  const { initialPatchSize, transforms } = nnunetValidation([4, 5]);
  const sample = randomSample(initialPatchSize, 1);
  const result = augment(sample, transforms, createGenerator(1));
  assert.equal(result.image, sample.image);
  assert.deepEqual(createPipeline([4, 5], { purpose: "validation" }).initialPatchSize, [4, 5]);
});

Deno.test("augment() depends only on the generator", () => {
  const { initialPatchSize, transforms } = nnunetTraining([6, 6]);
  const sample = randomSample(initialPatchSize, 1);
  const run = (seed: number) => augment(sample, transforms, createGenerator(seed));
  assert.deepEqual(run(5), run(5));
  assert.notDeepEqual(run(5), run(6));
});

Deno.test("withProbability() applies its transform with that probability", () => {
  const transform = withProbability(0.3, gamma({ exponent: [0.7, 1.5], inverted: false }));
  const generator = createGenerator(1);
  const sample = randomSample([2, 2], 1);
  const drawn = Array.from({ length: 2000 }, () => transform.draw(generator, sample));
  const share = drawn.filter((parameters) => parameters !== undefined).length / drawn.length;
  assert.ok(Math.abs(share - 0.3) < 0.05);
  assert.equal(transform.apply(sample, undefined), sample);
  assert.notEqual(transform.apply(sample, [1.2]), sample);
});

Deno.test("nnunetTraining() without a scheme prepares samples as for validation", () => {
  const previousStageLabels = [1, 2];
  const options = { previousStageLabels, useMaskForNorm: [true] } as const;
  const bare = nnunetTraining([4, 5, 6], { ...options, scheme: "none" });
  const validation = nnunetValidation([4, 5, 6], options);
  const names = ({ transforms }: Pipeline) => transforms.map(({ name }) => name);
  assert.deepEqual(names(bare), names(validation));
  assert.deepEqual(bare.initialPatchSize, [4, 5, 6]);
  const own = { ...brightness({ factor: [0.5, 2] }), name: "own" };
  assert.deepEqual(
    names(nnunetTraining([4, 5, 6], { ...options, scheme: "none" }, [{ transform: own }])),
    ["own", ...names(validation)],
  );
});
