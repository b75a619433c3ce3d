/** Median filtering. */

import type { Zyx } from "../array/nd_array.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/**
 * Replaces each voxel by the median of the cube or square around it, mirrored at the borders. The
 * parameters are the edge in voxels per channel; undefined for channels left unchanged.
 *
 * @param options.size Integer range of edges in voxels; `high` is exclusive.
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

/** Returns the neighbours of each index along an axis; an even edge has one more before it. */
function neighbours(extent: number, edge: number): Int32Array {
  const before = edge >> 1, period = 2 * extent;
  return Int32Array.from({ length: extent * edge }, (_, i) => {
    const position = Math.floor(i / edge) + i % edge - before;
    const inPeriod = ((position % period) + period) % period;
    return inPeriod < extent ? inPeriod : period - 1 - inPeriod; // Repeats the border voxel.
  });
}

/** Returns the value of rank `rank`, reordering the values (C. A. R. Hoare's FIND). */
function select(values: Float32Array, rank: number): number {
  let low = 0, high = values.length - 1;
  while (low < high) {
    const pivot = values[rank];
    let i = low, j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (pivot < values[j]) j--;
      if (i > j) break;
      const value = values[i];
      values[i++] = values[j];
      values[j--] = value;
    }
    if (j < rank) low = i;
    if (rank < i) high = j;
  }
  return values[rank];
}
