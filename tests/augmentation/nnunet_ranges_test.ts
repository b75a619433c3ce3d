/**
 * Draws the parameters of nnU-Net's transforms many times and compares their ranges with the
 * numbers in `nnUNetTrainer.get_training_transforms()` and `nnUNetTrainerDA5`.
 */

import assert from "node:assert/strict";
import type { Shape } from "../../lib/array/nd_array.ts";
import type { QuarterTurn } from "../../lib/augmentation/axis_exchange.ts";
import type { BinaryOperation } from "../../lib/augmentation/binary_operators.ts";
import {
  type ComponentRemoval,
  componentRemoval,
} from "../../lib/augmentation/component_removal.ts";
import {
  nnunetTraining,
  type TrainingAugmentation,
} from "../../lib/augmentation/nnunet_pipeline.ts";
import { elasticDefaults } from "../../lib/augmentation/elastic_field.ts";
import type { SpatialParameters } from "../../lib/augmentation/spatial.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { randomSample } from "./samples.ts";

const CHANNELS = 3;
const DRAWS = 20_000;

/** Draws a transform's parameters; those of draws that apply it. */
function drawn<T>(
  patchSize: Shape,
  name: string,
  options: TrainingAugmentation = {},
  nth = 0,
): T[] {
  const { transforms } = nnunetTraining(patchSize, options);
  const transform = transforms.filter((one) => one.name === name)[nth];
  const sample = randomSample(patchSize, 1, CHANNELS);
  const generator = createGenerator(17);
  return Array.from({ length: DRAWS }, () => transform.draw(generator, sample))
    .filter((parameters) => parameters !== undefined) as T[];
}

/** Asserts that values fill a range evenly, without leaving it. */
function assertUniform(values: readonly number[], low: number, high: number) {
  assert.ok(values.length > 700, `${values.length} values`);
  const width = high - low;
  const sorted = values.toSorted((a, b) => a - b);
  assert.ok(sorted[0] >= low && sorted.at(-1)! <= high, `${sorted[0]} to ${sorted.at(-1)}`);
  assert.ok(sorted[0] < low + 0.012 * width, `smallest is ${sorted[0]}`);
  assert.ok(sorted.at(-1)! > high - 0.012 * width, `largest is ${sorted.at(-1)}`);
  const middle = sorted[sorted.length >> 1];
  assert.ok(Math.abs(middle - (low + high) / 2) < 0.08 * width, `median is ${middle}`);
}

/** Asserts that half of the values are below 1 and half above, each half evenly distributed. */
function assertAroundOne(values: readonly number[], low: number, high: number) {
  assertHalf(values.filter((value) => value < 1).length / values.length);
  assertUniform(values.filter((value) => value < 1), low, 1);
  assertUniform(values.filter((value) => value >= 1), 1, high);
}

function assertHalf(share: number) {
  assert.ok(Math.abs(share - 0.5) < 0.03, `${share}`);
}

/** Returns the parameters of all channels that a transform changes, about half of the channels. */
function ofHalfTheChannels<T>(drawn: readonly (readonly (T | undefined)[])[]): T[] {
  const changed = drawn.flat().filter((one) => one !== undefined);
  assert.ok(drawn.every(({ length }) => length === CHANNELS));
  assertHalf(changed.length / (CHANNELS * drawn.length));
  return changed;
}

/** Asserts that every draw has one value per channel, and returns all values. */
function ofAllChannels(drawn: readonly (readonly number[])[]): number[] {
  assert.ok(drawn.every((values) => values.length === CHANNELS && !values.includes(NaN)));
  return drawn.flat();
}

const rotations: [name: string, patchSize: Shape, axes: number, degrees: number][] = [
  ["compact volumes", [8, 8, 8], 3, 30],
  ["flat volumes", [2, 8, 8], 1, 180],
  ["slices", [8, 8], 1, 180],
  ["long slices", [4, 8], 1, 15],
];

for (const [name, patchSize, axes, degrees] of rotations) {
  Deno.test(`nnU-Net's rotation and scaling of ${name}: ±${degrees}°, 0.7 to 1.4`, () => {
    const spatial = drawn<SpatialParameters>(patchSize, "spatial");
    const share = spatial.length / DRAWS;
    assert.ok(Math.abs(share - 0.36) < 0.015, `${share}`); // 1 − 0.8².
    const rotated = spatial.map(({ angles }) => angles).filter((angles) => angles.some(Boolean));
    assert.ok(Math.abs(rotated.length / DRAWS - 0.2) < 0.01);
    assert.ok(rotated.every((angles) => angles.length === axes && angles.every(Boolean)));
    assertUniform(rotated.flat().map((radians) => radians * 180 / Math.PI), -degrees, degrees);
    const scaled = spatial.map(({ scaling }) => Number(scaling)).filter((scaling) => scaling !== 1);
    assert.ok(Math.abs(scaled.length / DRAWS - 0.2) < 0.01);
    assertUniform(scaled, 0.7, 1.4);
  });
}

Deno.test("nnU-Net's Gaussian noise: standard deviation 0 to 0.1", () => {
  assertUniform(drawn<{ sigma: number }>([4, 4], "gaussianNoise").map((one) => one.sigma), 0, 0.1);
});

Deno.test("nnU-Net's Gaussian blur: half of the channels, 0.5 to 1 voxels along each axis", () => {
  const sigmas = ofHalfTheChannels(
    drawn<(readonly number[] | undefined)[]>([4, 4, 4], "gaussianBlur"),
  );
  assert.ok(sigmas.every(([z, y, x]) => z !== y && y !== x));
  assertUniform(sigmas.flat(), 0.5, 1);
});

Deno.test("nnU-Net's brightness and contrast: factors 0.75 to 1.25 for each channel", () => {
  for (const name of ["brightness", "contrast"]) {
    assertAroundOne(ofAllChannels(drawn<number[]>([4, 4], name)), 0.75, 1.25);
  }
});

Deno.test("nnU-Net's low resolution: half of the channels, 0.5 to 1 of the voxels", () => {
  const scales = drawn<(number | undefined)[]>([4, 4, 4], "lowResolution");
  assertUniform(ofHalfTheChannels(scales), 0.5, 1);
});

Deno.test("nnU-Net's gamma, inverted or not: exponents 0.7 to 1.5 for each channel", () => {
  for (const name of ["gamma", "gammaInverted"]) {
    assertAroundOne(ofAllChannels(drawn<number[]>([4, 4], name)), 0.7, 1.5);
  }
});

Deno.test("nnU-Net's mirroring: half of the samples along each axis", () => {
  const flipped = drawn<number[]>([4, 4, 4], "mirroring");
  assert.equal(flipped.length, DRAWS);
  for (const axis of [0, 1, 2]) {
    assertHalf(flipped.filter((axes) => axes.includes(axis)).length / DRAWS);
  }
  assertHalf(flipped.filter((axes) => axes.includes(0) === axes.includes(2)).length / DRAWS);
});

const cascade = { previousStageLabels: [1, 2] };

Deno.test("nnU-Net's errors of the previous stage: one of four operators, radius 1 to 8", () => {
  const operations = drawn<BinaryOperation[]>([4, 4], "binaryOperators", cascade).flat();
  assertUniform(operations.map(({ radius }) => radius), 1, 8);
  for (const name of ["dilate", "erode", "open", "close"]) {
    const share = operations.filter(({ operator }) => operator === name).length / operations.length;
    assert.ok(Math.abs(share - 0.25) < 0.02, `${name}: ${share}`);
  }
});

Deno.test("nnU-Net's missed objects of the previous stage: below 15 % of the patch", () => {
  const { transforms } = nnunetTraining([10, 10], { previousStageLabels: [1] });
  const removal = transforms.find(({ name }) => name === "componentRemoval")!;
  const removals: ComponentRemoval[] = [{ label: 0, choice: 0 }];
  for (const [voxels, left] of [[14, 0], [15, 15], [16, 16]]) {
    const channel = Float32Array.from(
      { length: 200 },
      (_, i) => i >= 100 && i < 100 + voxels ? 1 : 0,
    );
    const sample = {
      image: { shape: [2, 10, 10], data: channel },
      segmentation: { shape: [10, 10], data: new Int16Array(100) },
    };
    const { data } = removal.apply(sample, removals).image;
    assert.equal(data.reduce((sum, value) => sum + value, 0), left, `${voxels} voxels`);
  }
});

Deno.test("componentRemoval() picks each small component equally often", () => {
  const removal = componentRemoval({ labels: 1, labelProbability: 1, maxShare: 0.15 });
  const sample = randomSample([1, 9], 1);
  sample.image.data.set([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  const generator = createGenerator(2);
  const counts = [0, 0, 0];
  for (let i = 0; i < 3000; i++) {
    const { data } = removal.apply(sample, removal.draw(generator, sample)).image;
    [0, 4, 8].forEach((voxel, component) => counts[component] += 1 - data[voxel]);
  }
  for (const count of counts) assert.ok(Math.abs(count - 1000) < 100, `${counts}`);
});

Deno.test("elasticDefaults() are those of nnU-Net v1's data augmentation", () => {
  assert.deepEqual(elasticDefaults(3), { probability: 0.2, strength: [0, 900], sigma: [9, 13] });
  assert.deepEqual(elasticDefaults(2), { probability: 0.2, strength: [0, 200], sigma: [9, 13] });
});

const DA5 = { scheme: "DA5" } as const;

Deno.test("DA5's rotation and scaling: each axis by half, 0.7 to 1.43 along each axis", () => {
  const spatial = drawn<SpatialParameters>([8, 8, 8], "spatial", DA5);
  const share = spatial.length / DRAWS;
  assert.ok(Math.abs(share - 0.52) < 0.015, `${share}`); // 1 − 0.6·0.8.
  const angles = spatial.flatMap(({ angles }) => angles).filter(Boolean);
  assert.ok(Math.abs(angles.length / DRAWS - 3 * 0.4 * 0.5) < 0.02);
  assertUniform(angles.map((radians) => radians * 180 / Math.PI), -30, 30);
  const scalings = spatial.map(({ scaling }) => scaling).filter((scaling) => scaling !== 1);
  assert.ok(Math.abs(scalings.length / DRAWS - 0.2) < 0.01);
  assert.ok(scalings.every((scaling) => new Set(scaling as number[]).size === 3));
  assertUniform(scalings.flat(), 0.7, 1.43);
});

Deno.test("DA5's quarter turns: 0 to 3, about any two axes", () => {
  const turns = drawn<QuarterTurn>([8, 8, 8], "quarterTurns", DA5);
  for (const number of [0, 1, 2, 3]) {
    const share = turns.filter((one) => one.turns === number).length / turns.length;
    assert.ok(Math.abs(share - 0.25) < 0.02);
  }
  assert.deepEqual(new Set(turns.map(({ axes }) => axes.join())), new Set(["0,1", "0,2", "1,2"]));
});

Deno.test("DA5's filters: medians of 2 to 7 voxels, or a blur of 0.3 to 1.5", () => {
  type Filtered = { index: number; parameters?: (number | number[] | undefined)[] };
  const filters = drawn<Filtered>([4, 4, 4], "medianFilterOrgaussianBlur", DA5);
  const [medians, blurs] = [0, 1].map((kind) =>
    ofHalfTheChannels(
      filters.filter(({ index, parameters }) => index === kind && parameters)
        .map(({ parameters }) => parameters!),
    )
  );
  assert.deepEqual(new Set(medians), new Set([2, 3, 4, 5, 6, 7]));
  assert.ok((blurs as number[][]).every((sigma) => new Set(sigma).size === 1));
  assertUniform((blurs as number[][]).map(([sigma]) => sigma), 0.3, 1.5);
});

Deno.test("DA5's brightness: offsets of standard deviation 0.5 in half of the channels", () => {
  const shifts = ofHalfTheChannels(
    drawn<(number | undefined)[]>([4, 4], "additiveBrightness", DA5),
  );
  const mean = shifts.reduce((sum, shift) => sum + shift, 0) / shifts.length;
  const variance = shifts.reduce((sum, shift) => sum + shift ** 2, 0) / shifts.length;
  assert.ok(Math.abs(mean) < 0.03 && Math.abs(Math.sqrt(variance) - 0.5) < 0.03);
});

Deno.test("DA5's contrast: factors 0.5 to 2, keeping the range or not", () => {
  type Contrast = { index: number; parameters?: (number | undefined)[] };
  const drawings = drawn<Contrast>([4, 4], "contrast", DA5).filter(({ parameters }) => parameters);
  assertHalf(drawings.filter(({ index }) => index === 0).length / drawings.length);
  const factors = ofHalfTheChannels(drawings.map(({ parameters }) => parameters!));
  assertAroundOne(factors, 0.5, 2);
});

Deno.test("DA5's low resolution, gamma and sharpening: 0.25 to 1, 0.7 to 1.5 and 0.1 to 1", () => {
  const halves = (name: string) =>
    ofHalfTheChannels(drawn<(number | undefined)[]>([4, 4], name, DA5));
  assertUniform(halves("lowResolution"), 0.25, 1);
  assertUniform(halves("sharpening"), 0.1, 1);
  for (const nth of [0, 1]) {
    assertAroundOne(
      ofAllChannels(drawn<number[]>([4, 4], "gammaInverted", DA5, nth)),
      0.7,
      1.5,
    );
  }
});

Deno.test("DA5's blank boxes: 1 to 4, from a tenth of the patch to just below a third", () => {
  type Boxes = { size: readonly number[] }[];
  const boxes = ofHalfTheChannels(
    drawn<(Boxes | undefined)[]>([60, 30, 8], "blankRectangles", DA5),
  );
  assert.deepEqual(new Set(boxes.map(({ length }) => length)), new Set([1, 2, 3, 4]));
  const extents = (axis: number) =>
    [...new Set(boxes.flat().map(({ size }) => size[axis]))].sort((a, b) => a - b);
  assert.deepEqual([extents(0)[0], extents(0).at(-1)], [6, 19]);
  assert.deepEqual([extents(1)[0], extents(1).at(-1)], [3, 9]);
  assert.deepEqual(extents(2), [1]); // From 8 // 10, at least 1, to below 8 // 3.
});

Deno.test("DA5's local changes: gradients of ±1 to ±5, exponents 0.01 to 0.8 or 1.5 to 4", () => {
  type Local = { bump: { centre: number[]; sigma: number[] }; strength: number; exponent: number };
  const locals = (name: string) =>
    ofHalfTheChannels(drawn<(Local | undefined)[]>([12, 30], name, DA5));
  const gradients = locals("brightnessGradient"), gammas = locals("localGamma");
  const split = (values: number[], bound: number) => {
    const lower = values.filter((value) => value < bound);
    assertHalf(lower.length / values.length);
    return [lower, values.filter((value) => value >= bound)] as const;
  };
  const [darker, brighter] = split(gradients.map(({ strength }) => strength), 0);
  assertUniform(darker, -5, -1);
  assertUniform(brighter, 1, 5);
  const [flatter, steeper] = split(gammas.map(({ exponent }) => exponent), 1);
  assertUniform(flatter, 0.01, 0.8);
  assertUniform(steeper, 1.5, 4);
  for (const [axis, extent] of [[0, 12], [1, 30]]) {
    const bumps = [...gradients, ...gammas].map(({ bump }) => bump);
    assertUniform(bumps.map(({ centre }) => centre[axis] / extent), -0.5, 1.5);
    const [low, high] = [Math.floor(extent / 6), extent].map(Math.log);
    assertUniform(bumps.map(({ sigma }) => Math.log(sigma[axis])), low, high);
  }
});
