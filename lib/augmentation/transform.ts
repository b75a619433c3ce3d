/** What an augmentation is: parameters drawn at random, then applied by a pure function. */

import type { NdArray } from "../array/nd_array.ts";
import type { Generator } from "../random/generator.ts";

/** One training example on its way into a batch. */
export interface Sample {
  /** Normalised intensities, (c, z, y, x) or (c, y, x). */
  readonly image: NdArray<Float32Array<ArrayBuffer>>;
  /** Labels, the image's shape without its channels; −1 where there is no data. */
  readonly segmentation: NdArray<Int16Array<ArrayBuffer>>;
  /**
   * In a cascade: the segmentation of the stage before, like `segmentation`. It goes where the
   * image goes, until {@link previousStageToChannels} makes channels of it.
   */
  readonly previousStage?: NdArray<Int16Array<ArrayBuffer>>;
}

/**
 * One augmentation.
 *
 * Drawing is apart from applying, so that an effect can be shown, compared or swept for parameters
 * of one's choosing.
 */
export interface Transform<Parameters = unknown> {
  readonly name: string;
  /** Chooses parameters for a sample of this shape. */
  draw(generator: Generator, sample: Sample): Parameters;
  /**
   * The sample as it looks with these parameters; what does not change is shared with it.
   *
   * @param mayOverwrite Whether the sample given is not needed any more, so that the result may
   * take the place of its values: new memory costs as much as simple transforms do. By default it
   * is left as it is.
   */
  apply(sample: Sample, parameters: Parameters, mayOverwrite?: boolean): Sample;
}

/**
 * Applies transforms in order, each with parameters freshly drawn.
 *
 * @param mayOverwrite Whether the sample given is not needed any more; false by default.
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

/** The same transform, but only for a share of the samples: otherwise nothing is drawn or done. */
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

/** One of several transforms, each equally likely. Parameters are which, and its own. */
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

/** For each channel of a sample what is drawn for it, or undefined where it is not to change. */
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

/** The sample with other intensities. */
export function withImageData(sample: Sample, data: Float32Array<ArrayBuffer>): Sample {
  return { ...sample, image: { shape: sample.image.shape, data } };
}

/**
 * The sample with its image changed.
 *
 * @param change Gets the channels' values, to change in place.
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
 * The sample with intensities changed channel by channel.
 *
 * @param change Gets a channel's values, to change in place, and its number.
 */
export function changeChannels(
  sample: Sample,
  mayOverwrite: boolean | undefined,
  change: (values: Float32Array<ArrayBuffer>, channel: number) => void,
): Sample {
  return changeImage(sample, mayOverwrite, (channels) => channels.forEach(change));
}

/**
 * The sample with those channels changed for which something was drawn.
 *
 * @param chosen Parameters of each channel; undefined where it stays as it is.
 * @param change Gets a channel's values, to change in place, and its parameters.
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
