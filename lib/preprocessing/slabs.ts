/** Cutting a volume into slabs of planes that are resized one after another. */

import {
  type BandMatrix,
  nearestIndex,
  resizedCoordinate,
  windowOf,
} from "../array/resize_matrix.ts";

/** Some planes before, and the planes they become. */
export interface Slab {
  /** First plane read. */
  readonly first: number;
  /** Weights of the planes read in each plane computed, where planes are blended. */
  readonly weights?: Float32Array<ArrayBuffer>;
  /** For each plane computed its places in the result; none, one or several. */
  readonly places: readonly (readonly number[])[];
}

/** Slabs of one volume, all of the same size, so that one graph serves them all. */
export interface Slabs {
  /** Planes read for each. */
  readonly read: number;
  /** Planes computed for each. */
  readonly computed: number;
  readonly slabs: readonly Slab[];
}

/**
 * Slabs whose planes are blended by a matrix. Each reads only the planes that its band touches.
 *
 * @param thickness Planes computed at once; the last slab overlaps the one before to have as many.
 */
export function blendedSlabs(matrix: BandMatrix, thickness: number): Slabs {
  const starts = slabStarts(matrix.rows, thickness);
  const computed = Math.min(thickness, matrix.rows);
  const read = Math.max(...starts.map((to) => windowOf(matrix, to, to + computed).columns));
  const slabs = starts.map((to) => {
    const { first, weights } = windowOf(matrix, to, to + computed, read);
    return { first, weights, places: Array.from({ length: computed }, (_, i) => [to + i]) };
  });
  return { read, computed, slabs };
}

/** Slabs whose planes stay apart; the result takes the nearest for each of its `to` planes. */
export function pickedSlabs(from: number, to: number, thickness: number): Slabs {
  const places = Array.from({ length: from }, (): number[] => []);
  for (let plane = 0; plane < to; plane++) {
    places[nearestIndex(resizedCoordinate(plane, from, to), from)].push(plane);
  }
  const read = Math.min(thickness, from);
  const slabs = slabStarts(from, thickness).map((first) => ({
    first,
    places: places.slice(first, first + read),
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
