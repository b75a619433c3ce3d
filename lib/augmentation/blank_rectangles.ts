/** Replaces random boxes of a patch by their mean. */

import type { Box } from "../array/box.ts";
import type { Shape, Zyx } from "../array/nd_array.ts";
import type { Generator } from "../random/generator.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/** Options of {@link blankRectangles}. */
export interface BlankRectangleOptions {
  /** Integer range of box sizes in voxels per axis; `high` is exclusive if it exceeds `low`. */
  readonly size: readonly (readonly [low: number, high: number])[];
  /** Range of the number of boxes; `high` is exclusive. */
  readonly count: readonly [low: number, high: number];
  /** Probability that a channel has any. */
  readonly channelProbability: number;
}

/**
 * Overwrites random boxes of channels with the mean of their values, one box after another. The
 * parameters are the boxes per channel, one plane deep for 2D patches; undefined for channels left
 * unchanged.
 *
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/noise/blank_rectangle.py
 */
export function blankRectangles(
  { size, count, channelProbability }: BlankRectangleOptions,
): Transform<readonly (readonly Box[] | undefined)[]> {
  return {
    name: "blankRectangles",
    draw: (generator, sample) =>
      drawForChannels(generator, sample, channelProbability, () =>
        Array.from(
          { length: generator.integer(...count) },
          () => drawBox(generator, sample.segmentation.shape, size),
        )),
    apply(sample, boxes, mayOverwrite) {
      const shape = asVolumeShape(sample.segmentation.shape);
      return changeChosen(sample, boxes, mayOverwrite, (values, chosen) => {
        for (const box of chosen) blank(values, shape, box);
      });
    },
  };
}

function drawBox(
  generator: Generator,
  shape: Shape,
  sizes: BlankRectangleOptions["size"],
): Box {
  const size = sizes.map(([low, high]) => generator.integer(low, Math.max(low + 1, high)));
  const origin = shape.map((extent, axis) => generator.integer(0, extent - size[axis] + 1));
  const [z, y, x] = shape.length === 3 ? origin : [0, ...origin];
  return { origin: [z, y, x], size: asVolumeShape(size) };
}

function blank(values: Float32Array, [, height, width]: Zyx, { origin, size }: Box) {
  const rows = Array.from({ length: size[0] * size[1] }, (_, row) => {
    const z = origin[0] + Math.floor(row / size[1]), y = origin[1] + row % size[1];
    const from = (z * height + y) * width + origin[2];
    return values.subarray(from, from + size[2]);
  });
  let sum = 0;
  for (const row of rows) for (let x = 0; x < row.length; x++) sum += row[x];
  const mean = sum / (rows.length * size[2]);
  for (const row of rows) row.fill(mean);
}
