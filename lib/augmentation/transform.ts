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
   * The sample as it looks with these parameters. Never writes into the sample it is given; what
   * does not change is shared with it.
   */
  apply(sample: Sample, parameters: Parameters): Sample;
}

/** Applies transforms in order, each with parameters freshly drawn. */
export function augment(
  sample: Sample,
  transforms: readonly Transform[],
  generator: Generator,
): Sample {
  return transforms.reduce(
    (current, transform) => transform.apply(current, transform.draw(generator, current)),
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
    apply: (sample, parameters) =>
      parameters === undefined ? sample : transform.apply(sample, parameters),
  };
}

/** The sample with other intensities. */
export function withImageData(sample: Sample, data: Float32Array<ArrayBuffer>): Sample {
  return { ...sample, image: { shape: sample.image.shape, data } };
}
