/** Making one batch: patches of some cases, augmented, side by side in two buffers. */

import { sameShape, type Shape, sizeOf } from "../array/nd_array.ts";
import type { Pipeline } from "../augmentation/nnunet_pipeline.ts";
import { augment } from "../augmentation/transform.ts";
import { createGenerator, type Generator } from "../random/generator.ts";
import { foregroundChoice, samplePatch, type SamplingOptions } from "./patch_sampler.ts";
import type { TrainingCase } from "./training_case.ts";

/** Training examples, ready for the network. */
export interface Batch {
  /**
   * Intensities, (n, c, z, y, x) or (n, c, y, x); in a cascade the last channels are the previous
   * stage's labels.
   */
  readonly data: Float32Array<ArrayBuffer>;
  /** Labels, (n, z, y, x) or (n, y, x). A byte each: nnU-Net's data sets stay far below 256. */
  readonly target: Uint8Array<ArrayBuffer>;
  /** The case each example comes from. */
  readonly caseNames: readonly string[];
  readonly shape: BatchShape;
}

/** The axes of a batch. */
export interface BatchShape {
  readonly batchSize: number;
  readonly channels: number;
  /** (z, y, x) or (y, x). */
  readonly patchSize: Shape;
}

/** Buffers a batch may be written into; of the wrong size they are left alone. */
export type BatchBuffers = Pick<Batch, "data" | "target">;

/** How patches become a batch. */
export interface BatchOptions extends SamplingOptions {
  readonly pipeline: Pipeline;
  /** Memory to write into, if it fits. */
  readonly buffers?: BatchBuffers;
}

/**
 * A generator for batch `index` of a run: batches can be made in any order, anywhere.
 *
 * Within a run no two batches start alike.
 */
export function batchGenerator(seed: number, index: number): Generator {
  return createGenerator(scramble(scramble(seed) + index));
}

/** A one-to-one map of 32-bit numbers without visible pattern (the finaliser of MurmurHash3). */
function scramble(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ bits >>> 16, 0x85ebca6b);
  bits = Math.imul(bits ^ bits >>> 13, 0xc2b2ae35);
  return bits ^ bits >>> 16;
}

/** Draws the cases of a batch, with replacement. */
export function drawCases(
  generator: Generator,
  caseNames: readonly string[],
  batchSize: number,
): string[] {
  return Array.from(
    { length: batchSize },
    () => caseNames[generator.integer(0, caseNames.length)],
  );
}

/**
 * Makes a batch with one example of each of the given cases, in their order.
 *
 * @throws {TypeError} If a case has no segmentation.
 * @throws {RangeError} If cases differ in their number of channels, a label is not within 0–255, or
 * a transform leaves samples of another shape than the pipeline's.
 */
export function makeBatch(
  cases: readonly TrainingCase[],
  { pipeline, oversampling = {}, buffers }: BatchOptions,
  generator: Generator,
): Batch {
  const { patchSize } = pipeline;
  const batchSize = cases.length;
  const patchVoxels = sizeOf(patchSize);
  const onForeground = foregroundChoice(generator, batchSize, oversampling);
  const examples = cases.map((trainingCase, index) => {
    if (trainingCase.shape[0] !== cases[0].shape[0]) {
      throw new RangeError(
        `Cannot make a batch: case "${trainingCase.name}" has ${trainingCase.shape[0]} ` +
          `channels, expected ${cases[0].shape[0]} as in case "${cases[0].name}"`,
      );
    }
    const patch = samplePatch(generator, trainingCase, pipeline, onForeground(index));
    return augment(patch, pipeline.transforms, generator, true);
  });
  // Transforms may add channels, as the previous stage's labels.
  const channels = examples[0].image.shape[0];
  const valuesLength = batchSize * channels * patchVoxels;
  const labelsLength = batchSize * patchVoxels;
  const data = buffers?.data.length === valuesLength
    ? buffers.data
    : new Float32Array(valuesLength);
  const target = buffers?.target.length === labelsLength
    ? buffers.target
    : new Uint8Array(labelsLength);
  examples.forEach(({ image, segmentation }, index) => {
    requireShape("image", image.shape, [channels, ...patchSize]);
    requireShape("segmentation", segmentation.shape, patchSize);
    data.set(image.data, index * channels * patchVoxels);
    copyLabels(segmentation.data, target.subarray(index * patchVoxels), cases[index].name);
  });
  return {
    data,
    target,
    caseNames: cases.map(({ name }) => name),
    shape: { batchSize, channels, patchSize },
  };
}

function requireShape(what: string, found: Shape, expected: Shape) {
  if (sameShape(found, expected)) return;
  throw new RangeError(
    `Cannot make a batch: after the transforms the ${what}'s shape is [${found}], ` +
      `expected [${expected}]`,
  );
}

function copyLabels(labels: Int16Array, target: Uint8Array, caseName: string) {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label < 0 || label > 255) {
      throw new RangeError(
        `Cannot make a batch: case "${caseName}" has label ${label}, expected 0 to 255`,
      );
    }
    target[i] = label;
  }
}
