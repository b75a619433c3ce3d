/** Medians of the voxels around each. */

import type { Zyx } from "../array/nd_array.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/**
 * Replaces each voxel of channels by the median of a cube or square around it, mirrored at the
 * borders. Parameters are the edges in voxels; undefined where a channel stays as it is.
 *
 * @param options.size Range of edges, whole numbers; the upper end is not drawn.
 * @param options.channelProbability Probability that a channel is changed.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/noise/median_filter.py, and SciPy's median_filter
 */
export function medianFilter(
  { size, channelProbability }: {
    readonly size: readonly [low: number, high: number];
    readonly channelProbability: number;
  },
): Transform<readonly (number | undefined)[]> {
  return {
    name: "medianFilter",
    draw: (generator, sample) =>
      drawForChannels(generator, sample, channelProbability, () => generator.integer(...size)),
    apply(sample, sizes, mayOverwrite) {
      const { shape } = sample.segmentation;
      return changeChosen(sample, sizes, mayOverwrite, (values, edge) => {
        filter(values, asVolumeShape(shape), [shape.length === 3 ? edge : 1, edge, edge]);
      });
    },
  };
}

function filter(values: Float32Array, shape: Zyx, edges: Zyx) {
  const source = values.slice();
  const [planes, rows, columns] = shape.map((extent, axis) => neighbours(extent, edges[axis]));
  const [depth, height, width] = shape;
  const [edgeZ, edgeY, edgeX] = edges;
  const around = new Float32Array(edgeZ * edgeY * edgeX);
  for (let i = 0, z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        let count = 0;
        for (let dz = 0; dz < edgeZ; dz++) {
          const plane = planes[z * edgeZ + dz] * height;
          for (let dy = 0; dy < edgeY; dy++) {
            const row = (plane + rows[y * edgeY + dy]) * width;
            for (let dx = 0; dx < edgeX; dx++) {
              around[count++] = source[row + columns[x * edgeX + dx]];
            }
          }
        }
        values[i] = select(around, count >> 1);
      }
    }
  }
}

/** For each place along an axis the places around it: of an even number, one more lies before. */
function neighbours(extent: number, edge: number): Int32Array {
  const before = edge >> 1, period = 2 * extent;
  return Int32Array.from({ length: extent * edge }, (_, i) => {
    const place = Math.floor(i / edge) + i % edge - before;
    const inPeriod = ((place % period) + period) % period;
    return inPeriod < extent ? inPeriod : period - 1 - inPeriod; // The border's voxel twice.
  });
}

/** The value that would be at a place if all were sorted (C. A. R. Hoare's FIND); moves them. */
function select(values: Float32Array, place: number): number {
  let low = 0, high = values.length - 1;
  while (low < high) {
    const pivot = values[place];
    let i = low, j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (pivot < values[j]) j--;
      if (i > j) break;
      const value = values[i];
      values[i++] = values[j];
      values[j--] = value;
    }
    if (j < place) low = i;
    if (place < i) high = j;
  }
  return values[place];
}
