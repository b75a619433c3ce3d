/** Compares transforms with batchgeneratorsv2, given the same parameters (golden/augmentation.py). */

import assert from "node:assert/strict";
import { initialPatchSize } from "../../lib/augmentation/augmentation_plan.ts";
import { type BinaryOperation, binaryOperators } from "../../lib/augmentation/binary_operators.ts";
import { brightness } from "../../lib/augmentation/brightness.ts";
import { componentRemoval } from "../../lib/augmentation/component_removal.ts";
import { contrast } from "../../lib/augmentation/contrast.ts";
import { displacementOf } from "../../lib/augmentation/elastic_field.ts";
import { gamma } from "../../lib/augmentation/gamma.ts";
import { gaussianBlur } from "../../lib/augmentation/gaussian_blur.ts";
import { gaussianNoise } from "../../lib/augmentation/gaussian_noise.ts";
import { lowResolution } from "../../lib/augmentation/low_resolution.ts";
import { previousStageToChannels } from "../../lib/augmentation/previous_stage.ts";
import { spatial } from "../../lib/augmentation/spatial.ts";
import type { Sample } from "../../lib/augmentation/transform.ts";
import golden from "../golden/augmentation.json" with { type: "json" };

function sampleOf(shape: number[], image: number[], labels: number[]): Sample {
  return {
    image: { shape: [image.length / labels.length, ...shape], data: Float32Array.from(image) },
    segmentation: { shape, data: Int16Array.from(labels) },
  };
}

/** Asserts that every element is equal within a tolerance. */
function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(
      Math.abs(actual[i] - expected[i]) <= tolerance,
      `Element ${i} is ${actual[i]}, expected ${expected[i]} ± ${tolerance}`,
    );
  }
}

for (const example of golden.spatial.cases) {
  Deno.test(`spatial() agrees with batchgeneratorsv2: ${example.name}`, () => {
    const source = golden.spatial.sources[example.source as "volume" | "slices" | "plane"];
    const { patchSize, slicewise } = example;
    const transform = spatial({
      patchSize,
      slicewise,
      rotationProbability: 1,
      maxRotation: Math.PI,
      scalingProbability: 1,
      scaling: [0.7, 1.4],
    });
    const unchanged = example.angles === null && example.scaling === null;
    const planar = slicewise || patchSize.length === 2;
    const parameters = unchanged ? undefined : {
      angles: example.angles ?? (planar ? [0] : [0, 0, 0]),
      scaling: example.scaling ?? 1,
    };
    const { image, segmentation } = transform.apply(
      sampleOf(source.shape, source.image, source.labels),
      parameters,
    );
    assert.deepEqual(image.shape, [1, ...patchSize]);
    assert.deepEqual(segmentation.shape, patchSize);
    // torch computes positions in float32; neighbouring voxels differ by up to 100.
    assertClose(image.data, example.image, 2e-3);
    assert.deepEqual(Array.from(segmentation.data), example.labels);
  });
}

Deno.test("displacementOf() agrees with batchgenerators, which nnU-Net v1 uses", () => {
  const { shape, noise, strength, sigma, expected } = golden.spatial.elastic.field;
  const displacement = displacementOf(Float32Array.from(noise), shape, strength, sigma);
  assertClose(displacement, expected, 1e-4); // Values up to 30 voxels, stored with four digits.
});

for (const example of golden.spatial.elastic.cases) {
  Deno.test(`spatial() deforms as batchgeneratorsv2 does: ${example.source}`, () => {
    const source = golden.spatial.sources[example.source as "volume" | "plane"];
    const transform = spatial({
      patchSize: example.patchSize,
      slicewise: false,
      rotationProbability: 1,
      maxRotation: 1,
      scalingProbability: 1,
      scaling: [0.7, 1.4],
    });
    const { image, segmentation } = transform.apply(
      sampleOf(source.shape, source.image, source.labels),
      { ...example, displacement: Float32Array.from(example.displacement) },
    );
    assertClose(image.data, example.image, 5e-3); // As above; displacements are stored with seven digits.
    assert.deepEqual(Array.from(segmentation.data), example.labels);
  });
}

const { intensities } = golden;
const voxels = intensities.image.length / intensities.shape[0];
const sample = sampleOf(
  intensities.shape.slice(1),
  intensities.image,
  new Array<number>(voxels).fill(0),
);

for (const { inverted, exponents, expected } of intensities.gamma) {
  Deno.test(`gamma() agrees with batchgeneratorsv2, inverted ${inverted}`, () => {
    const transform = gamma({ exponent: [0.7, 1.5], inverted });
    const result = transform.apply(sample, exponents);
    // Compares float32 with float64 for values up to 4.
    assertClose(result.image.data, expected, 5e-6);
  });
}

Deno.test("brightness() agrees with batchgeneratorsv2", () => {
  const { factors, expected } = intensities.brightness;
  const result = brightness({ factor: [0.75, 1.25] }).apply(sample, factors);
  assertClose(result.image.data, expected, 1e-6); // Stored with six digits.
});

Deno.test("contrast() agrees with batchgeneratorsv2", () => {
  const { factors, expected } = intensities.contrast;
  const result = contrast({ factor: [0.75, 1.25] }).apply(sample, factors);
  assertClose(result.image.data, expected, 1e-6);
});

for (const { sigmas, expected } of intensities.blur.cases) {
  Deno.test(`gaussianBlur() agrees with batchgeneratorsv2: ${JSON.stringify(sigmas)}`, () => {
    const { shape, image } = intensities.blur;
    const labels = new Array<number>(image.length / shape[0]).fill(0);
    const result = gaussianBlur({ sigma: [0.5, 1], channelProbability: 0.5 }).apply(
      sampleOf(shape.slice(1), image, labels),
      sigmas.map((chosen) => chosen ?? undefined),
    );
    assertClose(result.image.data, expected, 2e-6);
  });
}

for (const { shape, image, scales, withinSlices, expected } of intensities.lowResolution) {
  Deno.test(`lowResolution() agrees with batchgeneratorsv2: [${shape}] by ${scales}`, () => {
    const transform = lowResolution({ scale: [0.5, 1], channelProbability: 0.5, withinSlices });
    const labels = new Array<number>(image.length / shape[0]).fill(0);
    const result = transform.apply(
      sampleOf(shape.slice(1), image, labels),
      scales.map((chosen) => chosen ?? undefined),
    );
    assertClose(result.image.data, expected, 1e-4); // Values up to 100, stored with four digits.
  });
}

Deno.test("gaussianNoise() agrees with batchgeneratorsv2", () => {
  const { sigma, noise, expected } = intensities.noise;
  const transform = gaussianNoise({ sigma: [0, 0.1] });
  const result = transform.apply(sample, { sigma, noise: Float32Array.from(noise) });
  assertClose(result.image.data, expected, 2e-6); // Stored with six digits.
});

/** Makes a sample whose previous stage has been converted to channels. */
function withChannels({ shape, labels }: { shape: number[]; labels: string }): Sample {
  const zeros = new Array<number>(labels.length).fill(0);
  const previousStage = { shape, data: Int16Array.from(labels, Number) };
  return previousStageToChannels({ labels: [1, 2, 3] })
    .apply({ ...sampleOf(shape, zeros, zeros), previousStage });
}

for (const example of golden.previousStage.binaryOperators) {
  const names = example.operations.map(({ operator, radius }) => `${operator} ${radius}`);
  Deno.test(`binaryOperators() agrees with batchgeneratorsv2: ${names.join(", ")}`, () => {
    const transform = binaryOperators({ labels: 3, labelProbability: 1, radius: [1, 8] });
    const operations = example.operations as BinaryOperation[];
    const { image } = transform.apply(withChannels(example), operations);
    assert.equal(image.data.join("").slice(example.labels.length), example.expected);
  });
}

Deno.test("componentRemoval() agrees with batchgeneratorsv2", () => {
  const transform = componentRemoval({ labels: 3, labelProbability: 1, maxShare: 0.15 });
  for (const { label, choice, expected, ...example } of golden.previousStage.componentRemoval) {
    const { image } = transform.apply(withChannels(example), [{ label, choice }]);
    assert.equal(image.data.join("").slice(example.labels.length), expected);
  }
});

Deno.test("initialPatchSize() agrees with nnU-Net", () => {
  for (const { patchSize, degrees, expected } of golden.initialPatchSizes) {
    const maxRotation = degrees / 180 * Math.PI;
    assert.deepEqual(initialPatchSize(patchSize, { maxRotation, slicewise: false }), expected);
  }
});
