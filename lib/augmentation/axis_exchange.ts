/** Rotates patches by multiples of 90° and permutes their axes. */

import { permuteAxes } from "../array/permute_axes.ts";
import { shuffle } from "../random/shuffle.ts";
import { mirroring } from "./mirroring.ts";
import type { Sample, Transform } from "./transform.ts";

/** A rotation in the plane of two axes, from the first towards the second. */
export interface QuarterTurn {
  /** Spatial axes, 0 the outermost. */
  readonly axes: readonly [number, number];
  /** Multiples of 90°, 0 to 3. */
  readonly turns: number;
}

/** Which axes may be permuted. */
export interface AxisChoice {
  /** At least two spatial axes of the same extent, 0 the outermost. */
  readonly axes: readonly number[];
}

/**
 * Rotates samples by a random multiple of 90° in the plane of two random axes.
 *
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/rot90.py
 */
export function quarterTurns({ axes }: AxisChoice): Transform<QuarterTurn> {
  const flips = mirroring({ axes });
  return {
    name: "quarterTurns",
    draw(generator) {
      const turns = generator.integer(0, 4);
      const [first, second] = shuffle([...axes], generator);
      return { axes: [Math.min(first, second), Math.max(first, second)], turns };
    },
    apply(sample, { axes: [first, second], turns }, mayOverwrite) {
      const flipped = [[], [second], [first, second], [first]][turns];
      const mirrored = flips.apply(sample, flipped, mayOverwrite);
      if (turns % 2 === 0) return mirrored;
      const order = sample.segmentation.shape.map((_, axis) => axis);
      [order[first], order[second]] = [second, first];
      return reordered(mirrored, order);
    },
  };
}

/**
 * Permutes axes at random. The parameters give, for each axis of the result, the source axis.
 *
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/transpose.py
 */
export function axisOrder({ axes }: AxisChoice): Transform<readonly number[]> {
  return {
    name: "axisOrder",
    draw(generator, { segmentation }) {
      const order = segmentation.shape.map((_, axis) => axis);
      shuffle([...axes], generator).forEach((axis, i) => order[axes[i]] = axis);
      return order;
    },
    apply: reordered,
  };
}

function reordered(sample: Sample, order: readonly number[]): Sample {
  const { image, segmentation, previousStage } = sample;
  return {
    image: permuteAxes(image, [0, ...order.map((axis) => axis + 1)]),
    segmentation: permuteAxes(segmentation, order),
    ...previousStage && { previousStage: permuteAxes(previousStage, order) },
  };
}
