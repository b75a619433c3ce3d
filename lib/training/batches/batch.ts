/** Makes one batch: augmented patches of several cases in two contiguous buffers. */

import { sameShape, type Shape, sizeOf } from "../../array/nd_array.ts";
import type { Pipeline } from "../../augmentation/nnunet_pipeline.ts";
import { augment } from "../../augmentation/transform.ts";
import { createGenerator, type Generator } from "../../random/generator.ts";
import { foregroundChoice, samplePatch, type SamplingOptions } from "./patch_sampler.ts";
import type { PatchSource } from "./patch_source.ts";

/** A batch of training examples, ready for the network. */
export interface Batch {
  /**
   * Intensities, (n, c, z, y, x) or (n, c, y, x); in a cascade, the last channels are the previous
   * stage's labels, one-hot encoded.
   */
  readonly data: Float32Array<ArrayBuffer>;
  /** Labels, (n, z, y, x) or (n, y, x), in one byte each: data sets have far fewer than 256. */
  readonly target: Uint8Array<ArrayBuffer>;
  /** The case each example comes from. */
  readonly caseNames: readonly string[];
  readonly shape: BatchShape;
}

/** The extents of a batch. */
export interface BatchShape {
  readonly batchSize: number;
  readonly channels: number;
  /** (z, y, x) or (y, x). */
  readonly patchSize: Shape;
}

/** Buffers to write a batch into; a buffer of the wrong size is ignored. */
export type BatchBuffers = Pick<Batch, "data" | "target">;

/** Options of {@link makeBatch}. */
export interface BatchOptions extends SamplingOptions {
  readonly pipeline: Pipeline;
  /** Buffers to write into, if their sizes fit. */
  readonly buffers?: BatchBuffers;
}

/**
 * Creates the random generator of batch `index` of a run, so that batches can be made in any order
 * on any thread.
 *
 * No two batches of a run start from the same state.
 */
export function batchGenerator(seed: number, index: number): Generator {
  return createGenerator(scramble(scramble(seed) + index));
}

/** Maps 32-bit numbers one-to-one, without visible pattern (the finaliser of MurmurHash3). */
function scramble(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ bits >>> 16, 0x85ebca6b);
  bits = Math.imul(bits ^ bits >>> 13, 0xc2b2ae35);
  return bits ^ bits >>> 16;
}

/** Draws the names of a batch's cases, with replacement. */
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
 * @param generator Source of all random numbers: patch positions and augmentation.
 * @throws {TypeError} If a case has no segmentation.
 * @throws {RangeError} If cases differ in their number of channels, a label is not within 0–255, or
 * the transforms return a sample whose shape is not the pipeline's.
 */
export function makeBatch(
  cases: readonly PatchSource[],
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
  // Transforms may add channels, such as the previous stage's labels.
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
