/** Divides a volume into slabs of planes that are resized one after another. */

import {
  type BandMatrix,
  nearestIndex,
  resizedCoordinate,
  windowOf,
} from "../array/resize_matrix.ts";

/** Consecutive planes of the input, and the planes of the result computed from them. */
export interface Slab {
  /** First plane read. */
  readonly first: number;
  /** Weights of planes read for planes computed, (computed, read), if planes are blended. */
  readonly weights?: Float32Array<ArrayBuffer>;
  /** For each plane computed, its indices in the result; none, one or several. */
  readonly targets: readonly (readonly number[])[];
}

/** Slabs of one volume, all of the same size, so that one graph suffices. */
export interface Slabs {
  /** Planes read per slab. */
  readonly read: number;
  /** Planes computed per slab. */
  readonly computed: number;
  readonly slabs: readonly Slab[];
}

/**
 * Slabs whose planes are blended by a matrix. Each reads only the planes that its band touches.
 *
 * @param thickness Planes computed per slab; the last slab overlaps the previous one to have as
 * many.
 */
export function blendedSlabs(matrix: BandMatrix, thickness: number): Slabs {
  const starts = slabStarts(matrix.rows, thickness);
  const computed = Math.min(thickness, matrix.rows);
  const read = Math.max(...starts.map((to) => windowOf(matrix, to, to + computed).columns));
  const slabs = starts.map((to) => {
    const { first, weights } = windowOf(matrix, to, to + computed, read);
    return { first, weights, targets: Array.from({ length: computed }, (_, i) => [to + i]) };
  });
  return { read, computed, slabs };
}

/**
 * Slabs whose planes are not blended: each plane of the result is the nearest of the input.
 *
 * @param from Planes of the input.
 * @param to Planes of the result.
 * @param thickness Planes per slab.
 */
export function pickedSlabs(from: number, to: number, thickness: number): Slabs {
  const targets = Array.from({ length: from }, (): number[] => []);
  for (let plane = 0; plane < to; plane++) {
    targets[nearestIndex(resizedCoordinate(plane, from, to), from)].push(plane);
  }
  const read = Math.min(thickness, from);
  const slabs = slabStarts(from, thickness).map((first) => ({
    first,
    targets: targets.slice(first, first + read),
  }));
  return { read, computed: read, slabs };
}

function slabStarts(planes: number, thickness: number): number[] {
  const count = Math.ceil(planes / thickness);
  return Array.from(
    { length: count },
    (_, i) => Math.max(0, Math.min(i * thickness, planes - thickness)),
  );
}
