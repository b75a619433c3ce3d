/** Compares nnU-Net's variants with batchgeneratorsv2 (golden/augmentation_variants.py). */

import assert from "node:assert/strict";
import { additiveBrightness } from "../../lib/augmentation/additive_brightness.ts";
import { axisOrder, quarterTurns } from "../../lib/augmentation/axis_exchange.ts";
import { blankRectangles } from "../../lib/augmentation/blank_rectangles.ts";
import { brightnessGradient } from "../../lib/augmentation/brightness_gradient.ts";
import { contrast } from "../../lib/augmentation/contrast.ts";
import { localGamma } from "../../lib/augmentation/local_gamma.ts";
import { medianFilter } from "../../lib/augmentation/median_filter.ts";
import { nnunetTraining } from "../../lib/augmentation/nnunet_pipeline.ts";
import { sharpening } from "../../lib/augmentation/sharpening.ts";
import { type Nearest, spatial } from "../../lib/augmentation/spatial.ts";
import { augment, type Sample } from "../../lib/augmentation/transform.ts";
import { asVolumeShape } from "../../lib/augmentation/volume_shape.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import golden from "../golden/augmentation_variants.json" with { type: "json" };
import { randomSample } from "./samples.ts";

for (const example of golden.nearest) {
  const { shape, patchSize, angles, scaling } = example;
  Deno.test(`spatial() resamples ${example.nearest} of [${shape}] by the nearest voxel`, () => {
    const transform = spatial({
      patchSize,
      slicewise: false,
      rotationProbability: 1,
      maxRotation: 1,
      scalingProbability: 1,
      scaling: [0.7, 1.4],
      nearest: example.nearest as Nearest,
    });
    const sample = {
      image: { shape: [1, ...shape], data: Float32Array.from(example.image) },
      segmentation: { shape, data: Int16Array.from(example.labels) },
    };
    const { image, segmentation } = transform.apply(sample, { angles, scaling });
    assert.deepEqual(Array.from(segmentation.data), example.turnedLabels);
    // torch computes positions in float32; neighbouring voxels differ by up to 100.
    image.data.forEach((value, i) => {
      assert.ok(Math.abs(value - example.turnedImage[i]) < 2e-3, `voxel ${i}: ${value}`);
    });
    // Zero displacements give the same result through the other code path.
    const still = new Float32Array(patchSize.length * segmentation.data.length);
    const deformed = transform.apply(sample, { angles, scaling, displacement: still });
    assert.deepEqual(deformed.segmentation, segmentation);
  });
}

for (const { shape, image, centre, sigma, boxes, expected } of golden.intensities) {
  const channelProbability = 1;
  const bump = { centre, sigma };
  const rectangles = boxes.map((box) => ({
    origin: volumePlace(box.origin),
    size: asVolumeShape(box.end.map((end, axis) => end - box.origin[axis])),
  }));
  const never = () => 0;
  const changes = {
    medianFilter3: (sample: Sample) =>
      medianFilter({ size: [2, 8], channelProbability }).apply(sample, [3, undefined]),
    medianFilter4: (sample: Sample) =>
      medianFilter({ size: [2, 8], channelProbability }).apply(sample, [4, undefined]),
    additiveBrightness: (sample: Sample) =>
      additiveBrightness({ sigma: 0.5, channelProbability }).apply(sample, [0.75, undefined]),
    contrast: (sample: Sample) =>
      contrast({ factor: [0.5, 2], keepsRange: false }).apply(sample, [1.6, undefined]),
    sharpening: (sample: Sample) =>
      sharpening({ strength: [0.1, 1], channelProbability }).apply(sample, [0.6, undefined]),
    blankRectangles: (sample: Sample) =>
      blankRectangles({ size: [], count: [1, 5], channelProbability })
        .apply(sample, [rectangles, undefined]),
    brightnessGradient: (sample: Sample) =>
      brightnessGradient({ strength: never, channelProbability })
        .apply(sample, [{ bump, strength: -2.5 }, undefined]),
    localGamma: (sample: Sample) =>
      localGamma({ exponent: never, channelProbability })
        .apply(sample, [{ bump, exponent: 2.2 }, undefined]),
  };
  for (const [name, change] of Object.entries(changes)) {
    Deno.test(`${name} of [${shape}] agrees with batchgeneratorsv2`, () => {
      const data = Float32Array.from(image);
      const sample = {
        image: { shape: [2, ...shape], data: data.slice() },
        segmentation: { shape, data: new Int16Array(image.length / 2) },
      };
      const result = change(sample).image.data;
      expected[name as keyof typeof expected].forEach((value, i) => {
        // Upstream's bumps are differences of float32 numbers.
        assert.ok(Math.abs(result[i] - value) < 5e-6, `value ${i}: ${result[i]}, not ${value}`);
      });
      assert.deepEqual(sample.image.data, data);
    });
  }
}

/** Returns (z, y, x) of an index in a volume or slice. */
function volumePlace(place: number[]): readonly [number, number, number] {
  return place.length === 3 ? [place[0], place[1], place[2]] : [0, place[0], place[1]];
}

Deno.test("quarterTurns() and axisOrder() agree with batchgeneratorsv2", () => {
  const { shape, turns, ordered } = golden.exchanges;
  const voxels = 4 * 3 * 4;
  const sample = {
    image: { shape: [2, ...shape], data: Float32Array.from({ length: 2 * voxels }, (_, i) => i) },
    segmentation: { shape, data: Int16Array.from({ length: voxels }, (_, i) => i) },
  };
  for (const { turns: number, expected } of turns) {
    const parameters = { axes: [0, 2], turns: number } as const;
    const { image, segmentation } = quarterTurns({ axes: [0, 2] }).apply(sample, parameters);
    assert.deepEqual(Array.from(image.data), expected);
    assert.deepEqual(Array.from(segmentation.data), expected.slice(0, voxels));
  }
  const { image } = axisOrder({ axes: [0, 2] }).apply(sample, [2, 1, 0]);
  assert.deepEqual(Array.from(image.data), ordered);
});

/** Our names for upstream's classes; whether a transform is 2D is an option here. */
const names = {
  Convert3DTo2D: undefined,
  Spatial: "spatial",
  Convert2DTo3D: undefined,
  Rot90: "quarterTurns",
  TransposeAxes: "axisOrder",
  MedianFilter: "medianFilter",
  GaussianBlur: "gaussianBlur",
  GaussianNoise: "gaussianNoise",
  BrightnessAdditive: "additiveBrightness",
  Contrast: "contrast",
  SimulateLowResolution: "lowResolution",
  Gamma: "gammaInverted",
  Mirror: "mirroring",
  BlankRectangle: "blankRectangles",
  BrightnessGradientAdditive: "brightnessGradient",
  LocalGamma: "localGamma",
  Sharpening: "sharpening",
  MaskImage: "maskOutside",
  RemoveLabel: "outsideToBackground",
};

for (const { patchSize, names: steps } of golden.steps) {
  Deno.test(`nnunetTraining() has DA5's steps and probabilities for [${patchSize}]`, () => {
    const { transforms, initialPatchSize } = nnunetTraining(patchSize, {
      scheme: "DA5",
      useMaskForNorm: [true],
    });
    assert.equal(initialPatchSize.length, patchSize.length);
    const expected = steps
      .map((step) => step.split(" or ").map((one) => one.split(" ")))
      .filter(([[name]]) => names[name as keyof typeof names] !== undefined);
    assert.equal(transforms.length, expected.length);
    const sample = randomSample(patchSize, 1, 2);
    const generator = createGenerator(7);
    expected.forEach((alternatives, step) => {
      const found = alternatives.map(([name]) => names[name as keyof typeof names]);
      assert.equal(transforms[step].name, [...new Set(found)].join("Or"));
      const share = alternatives[0][1];
      if (share === undefined) return;
      const drawn = Array.from({ length: 2000 }, () => transforms[step].draw(generator, sample));
      const applied = drawn.filter((one) =>
        (alternatives.length > 1 ? (one as { parameters: unknown }).parameters : one) !== undefined
      );
      assert.ok(Math.abs(applied.length / 2000 - Number(share)) < 0.05, transforms[step].name);
    });
  });
}

Deno.test("nnunetTraining() with DA5 reads patches for its smallest scaling", () => {
  // Upstream's get_patch_size([40, 56, 40], ±π/6 three times, (0.7, 1.43)).
  const { initialPatchSize } = nnunetTraining([40, 56, 40], { scheme: "DA5" });
  assert.deepEqual(initialPatchSize, [89, 97, 78]);
});

Deno.test("nnunetTraining() with DA5 makes finite patches of the planned shape", () => {
  for (const patchSize of [[8, 10, 8], [3, 12, 12], [9, 8]]) {
    const { initialPatchSize, transforms } = nnunetTraining(patchSize, { scheme: "DA5" });
    const sample = randomSample(initialPatchSize, 1, 2);
    for (let seed = 0; seed < 40; seed++) {
      const { image, segmentation } = augment(sample, transforms, createGenerator(seed));
      assert.deepEqual(image.shape, [2, ...patchSize]);
      assert.deepEqual(segmentation.shape, patchSize);
      assert.ok(image.data.every(Number.isFinite), `seed ${seed}`);
      assert.deepEqual(augment(sample, transforms, createGenerator(seed)).image, image);
    }
  }
});
