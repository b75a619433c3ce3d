/** The interface of augmentations: random parameters, applied by a pure function. */

import type { NdArray } from "../array/nd_array.ts";
import type { Generator } from "../random/generator.ts";

/** One training example before it enters a batch. */
export interface Sample {
  /** Normalised intensities, (c, z, y, x) or (c, y, x). */
  readonly image: NdArray<Float32Array<ArrayBuffer>>;
  /** Labels of the image's spatial shape; −1 where there is no data. */
  readonly segmentation: NdArray<Int16Array<ArrayBuffer>>;
  /**
   * For a cascade, the previous stage's segmentation, of the same shape as `segmentation`. Spatial
   * transforms apply to it until {@link previousStageToChannels} converts it to channels.
   */
  readonly previousStage?: NdArray<Int16Array<ArrayBuffer>>;
}

/**
 * One augmentation.
 *
 * Drawing and applying are separate, so that an effect can be shown or compared for chosen
 * parameters.
 */
export interface Transform<Parameters = unknown> {
  /** Name, by which the transform can be found in a pipeline. */
  readonly name: string;
  /** Draws parameters for a sample of this shape. */
  draw(generator: Generator, sample: Sample): Parameters;
  /**
   * Returns the transformed sample, which shares unchanged arrays with its argument.
   *
   * @param mayOverwrite Whether the result may reuse the argument's memory, because allocating costs
   * as much as a simple transform. By default, the argument is left unchanged.
   */
  apply(sample: Sample, parameters: Parameters, mayOverwrite?: boolean): Sample;
}

/**
 * Applies transforms in order, drawing parameters for each.
 *
 * @param sample The sample.
 * @param transforms Transforms in order.
 * @param generator Source of the random parameters.
 * @param mayOverwrite Whether the result may reuse the sample's memory; false by default.
 * @returns The transformed sample, which may share arrays with its argument.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { augment, brightness, createGenerator } from "nnunet/parts";
 *
 * const sample = {
 *   image: { shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) },
 *   segmentation: { shape: [2, 2], data: Int16Array.of(0, 0, 1, 1) },
 * };
 * const twice = brightness({ factor: [2, 2] });
 * const { image } = augment(sample, [twice, twice], createGenerator(0));
 * assert.deepEqual(image.data, Float32Array.of(4, 8, 12, 16));
 * ```
 */
export function augment(
  sample: Sample,
  transforms: readonly Transform[],
  generator: Generator,
  mayOverwrite = false,
): Sample {
  return transforms.reduce(
    (current, transform) =>
      transform.apply(current, transform.draw(generator, current), mayOverwrite),
    sample,
  );
}

/**
 * Returns a transform that applies another with a probability, and otherwise does nothing.
 *
 * @param probability Between 0 and 1.
 * @param transform The transform to apply.
 * @returns The transform. Its parameters are undefined if it does nothing.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { augment, brightness, createGenerator, withProbability } from "nnunet/parts";
 *
 * const sample = {
 *   image: { shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) },
 *   segmentation: { shape: [2, 2], data: Int16Array.of(0, 0, 1, 1) },
 * };
 * const never = withProbability(0, brightness({ factor: [2, 2] }));
 * assert.equal(augment(sample, [never], createGenerator(0)), sample);
 * ```
 */
export function withProbability<Parameters>(
  probability: number,
  transform: Transform<Parameters>,
): Transform<Parameters | undefined> {
  return {
    name: transform.name,
    draw: (generator, sample) =>
      generator.uniform() < probability ? transform.draw(generator, sample) : undefined,
    apply: (sample, parameters, mayOverwrite) =>
      parameters === undefined ? sample : transform.apply(sample, parameters, mayOverwrite),
  };
}

/**
 * Returns a transform that applies one of several, each with equal probability.
 *
 * @param transforms Transforms to choose from, at least one.
 * @returns The transform. Its parameters are the chosen transform's index and parameters.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { brightness, contrast, oneOf } from "nnunet/parts";
 *
 * const transform = oneOf([brightness({ factor: [0.5, 2] }), contrast({ factor: [0.5, 2] })]);
 * assert.equal(transform.name, "brightnessOrcontrast");
 * ```
 */
export function oneOf(
  transforms: readonly Transform[],
): Transform<{ readonly index: number; readonly parameters: unknown }> {
  return {
    name: [...new Set(transforms.map(({ name }) => name))].join("Or"),
    draw(generator, sample) {
      const index = generator.integer(0, transforms.length);
      return { index, parameters: transforms[index].draw(generator, sample) };
    },
    apply: (sample, { index, parameters }, mayOverwrite) =>
      transforms[index].apply(sample, parameters, mayOverwrite),
  };
}

/** Draws parameters for each channel with a probability; undefined for channels left unchanged. */
export function drawForChannels<Parameters>(
  generator: Generator,
  { image }: Sample,
  probability: number,
  draw: () => Parameters,
): (Parameters | undefined)[] {
  return Array.from(
    { length: image.shape[0] },
    () => generator.uniform() < probability ? draw() : undefined,
  );
}

/** Returns the sample with other intensities. */
export function withImageData(sample: Sample, data: Float32Array<ArrayBuffer>): Sample {
  return { ...sample, image: { shape: sample.image.shape, data } };
}

/**
 * Returns the sample with its image changed.
 *
 * @param change Receives each channel's values and modifies them in place.
 */
export function changeImage(
  sample: Sample,
  mayOverwrite: boolean | undefined,
  change: (channels: readonly Float32Array<ArrayBuffer>[]) => void,
): Sample {
  const { shape, data } = sample.image;
  const values = mayOverwrite ? data : data.slice();
  const voxels = values.length / shape[0];
  change(
    Array.from(
      { length: shape[0] },
      (_, channel) => values.subarray(channel * voxels, (channel + 1) * voxels),
    ),
  );
  return withImageData(sample, values);
}

/**
 * Returns the sample with intensities changed channel by channel.
 *
 * @param change Receives a channel's values, to modify in place, and its index.
 */
export function changeChannels(
  sample: Sample,
  mayOverwrite: boolean | undefined,
  change: (values: Float32Array<ArrayBuffer>, channel: number) => void,
): Sample {
  return changeImage(sample, mayOverwrite, (channels) => channels.forEach(change));
}

/**
 * Returns the sample with those channels changed that have parameters.
 *
 * @param chosen Parameters per channel; undefined for channels left unchanged.
 * @param change Receives a channel's values, to modify in place, and its parameters.
 */
export function changeChosen<Parameters>(
  sample: Sample,
  chosen: readonly (Parameters | undefined)[],
  mayOverwrite: boolean | undefined,
  change: (values: Float32Array<ArrayBuffer>, parameters: Parameters) => void,
): Sample {
  if (chosen.every((parameters) => parameters === undefined)) return sample;
  return changeChannels(sample, mayOverwrite, (values, channel) => {
    const parameters = chosen[channel];
    if (parameters !== undefined) change(values, parameters);
  });
}
